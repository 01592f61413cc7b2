// Contenders and detectors for elections that a test decides: by the file `leader`.
import process from 'node:process';
import { deeds } from './deeds.ts';

/**
 * A contender tells of its master in `candidate.<instance>` for as long as it is a candidate, and has
 * lost when there is a file `lost.<instance>`. It misbehaves when it contends, and under the name `<instance>.lost` while it
 * is a candidate; a detector while it waits.
 */
const election = (folder: string) => `${deeds(folder)}
const file = (name) => '${folder}/' + name;
const withdraw = (who) => fs.rmSync(file('candidate.' + who), { force: true });
async function contend(who, self, flood) {
  const bad = misbehave(who, flood);
  if (bad) return bad;
  fs.writeFileSync(file('candidate.' + who + '.new'), JSON.stringify(self));
  fs.renameSync(file('candidate.' + who + '.new'), file('candidate.' + who));
  return undefined;
}
async function untilLost(who, flood) {
  for (;;) {
    const bad = misbehave(who + '.lost', flood);
    if (bad) return bad.answer;
    if (fs.existsSync(file('lost.' + who))) {
      withdraw(who);
      return fs.rmSync(file('lost.' + who));
    }
    await sleep(50);
  }
}
async function detect(who, previous, flood) {
  for (;;) {
    const leader = readLeader();
    if (leader?.id !== previous?.id) return leader;
    const bad = misbehave(who, flood);
    if (bad) return bad.answer;
    await sleep(50);
  }
}
`;

export function electionModules(folder: string): string {
  return `${election(folder)}
import { defineModule } from '@mesita/sdk/module';
const floodIn = ({ log }) => (i) => log.info('flood ' + i);
const contender = defineModule({
  kind: 'MasterContender',
  name: 'FaultyMasterContender',
  create(context) {
    let self;
    withdraw(context.name);
    return {
      initialize(info) { self = info; },
      async contend() {
        const bad = await contend(context.name, self, floodIn(context));
        return bad ? bad.answer : { lost: untilLost(context.name, floodIn(context)) };
      },
    };
  },
});
const detector = defineModule({
  kind: 'MasterDetector',
  name: 'FaultyMasterDetector',
  create: (context) => ({
    detect: (previous) => detect(context.name, previous, floodIn(context)),
  }),
});
const part = (kind, part) => defineModule({
  kind,
  name: 'Faulty' + kind,
  create: (context) => part((good) => {
    const bad = misbehave(context.name, () => {});
    return bad ? bad.answer : good;
  }),
});
const sorter = part('AllocatorSorter', (act) => ({
  sort: (siblings) => act(siblings.map(({ path }) => path)),
}));
const order = part('AgentOrder', (act) => ({
  order: (agents) => act(agents.map(({ id }) => id)),
}));
const filter = part('OfferFilter', (act) => ({ refuse: () => act(undefined) }));
const policy = part('QuotaPolicy', (act) => ({ left: () => act(Infinity) }));
export { contender, detector, filter, order, policy, sorter };
`;
}

export function electionProgram(
  folder: string,
  kind: 'MasterContender' | 'MasterDetector',
): string {
  return `#!${process.execPath}
${election(folder)}
import readline from 'node:readline';
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const flood = (i) => say({ method: 'log', args: { level: 'info', text: 'flood ' + i } });
let who, self;
const methods = {
  describe: () => ({ protocol: 1, kind: '${kind}', name: 'Faulty${kind}' }),
  create({ instance }) {
    who = instance;
    if ('${kind}' === 'MasterContender') withdraw(who);
    return {};
  },
  initialize(args) { self = args.self; },
  contend: async () => (await contend(who, self, flood))?.answer,
  lost: () => untilLost(who, flood),
  detect: ({ previous }) => detect(who, previous, flood),
  shutdown: () => process.exit(0),
};
readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, args } = JSON.parse(line);
  try {
    const result = await methods[method]?.(args);
    if (id !== undefined) say({ id, result: result ?? null });
  } catch (error) {
    if (id !== undefined) say({ id, error: error.message });
  }
});
`;
}
