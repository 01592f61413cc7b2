// Modules of many kinds that do their work in a cluster, and once do what a file says instead.

/** Kinds of one instance each that a master or an agent calls of itself. */
export const masterKinds = ['Allocator'] as const;
export const agentKinds = [
  'Hook',
  'Isolator',
  'ResourceEstimator',
  'QoSController',
  'SecretResolver',
  'ContainerLogger',
] as const;
export type FaultyKind = (typeof masterKinds)[number] | (typeof agentKinds)[number];

export const nameOf = (kind: FaultyKind): string => `Faulty${kind}`;

/**
 * `deed(kind)` gives what this instance shall do now: each order is carried out once, whatever
 * lives the instance had, for it leaves a mark.
 */
const deeds = (folder: string) => `
import fs from 'node:fs';
import process from 'node:process';
function deedOf(kind) {
  let order;
  try { order = fs.readFileSync('${folder}/deed', 'utf8').trim(); } catch { return ''; }
  if (order === '' || (kind === 'QoSController' && isNoFault(order))) return '';
  try { fs.closeSync(fs.openSync('${folder}/done.' + kind + '.' + order.replace(/\\W/g, '-'), 'wx')); } catch { return ''; }
  return order.replace(/^\\d+ /, '');
}
/** Who is waited for may be silent: nobody could tell. */
function isNoFault(order) {
  return / hangs$| is busy for ever$/.test(order);
}
function misbehave(kind, flood) {
  switch (deedOf(kind)) {
    case '': return undefined;
    case 'throws': throw new Error('I throw');
    case 'answers nonsense': return { answer: Promise.resolve(42) };
    case 'hangs': return { answer: new Promise(() => {}) };
    case 'is busy for ever': for (;;);
    case 'exits': return process.exit(3);
    case 'crashes': setTimeout(() => { throw new Error('nobody catches me'); }); return { answer: new Promise(() => {}) };
    case 'leaks': { const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length)); }
    case 'floods': for (let i = 0; i < 20_000; i++) flood(i); return { answer: new Promise(() => {}) };
  }
}
`;

/** One library with all kinds, for the homes that run the SDK. */
export function faultyModules(folder: string): string {
  return `${deeds(folder)}
import { defineModule } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';

const faulty = (kind, instance) => defineModule({
  kind,
  name: 'Faulty' + kind,
  create: (context) => instance((good) => {
    const bad = misbehave(kind, (i) => context.log.info('flood ' + i));
    return bad ? bad.answer : good;
  }),
});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const hook = faulty('Hook', (act) => ({ agentTaskStatusDecorator: () => act(undefined) }));
const isolator = faulty('Isolator', (act) => ({ usage: () => act(Promise.resolve({ timestamp: 0 })) }));
const estimator = faulty('ResourceEstimator', (act) => ({
  initialize() {},
  oversubscribable: () => act(Promise.resolve(Resources.empty)),
}));
const controller = faulty('QoSController', (act) => ({
  initialize() {},
  corrections: async () => { await sleep(100); return act([]); },
}));
const resolver = faulty('SecretResolver', (act) => ({
  resolve: () => act(Promise.resolve(new TextEncoder().encode('s3cret'))),
}));
const logger = faulty('ContainerLogger', (act) => ({
  prepare(_id, { directory }) {
    const to = (name) => ({ type: 'path', path: directory + '/' + name });
    const good = { stdout: to('stdout'), stderr: to('stderr') };
    return directory.includes('logged') ? act(good) : good;
  },
}));
const allocator = faulty('Allocator', (act) => {
  const free = new Map();
  let framework, offer;
  const run = () => {
    if (framework === undefined) return;
    for (const [agent, resources] of free) {
      if (resources.isEmpty) continue;
      free.set(agent, Resources.empty);
      offer(framework, new Map([['*', new Map([[agent, resources.allocate('*')]])]]));
    }
  };
  const nothing = () => {};
  return {
    initialize(_options, callbacks) { offer = callbacks.offer; },
    addFramework(id) { framework = id; run(); },
    addAgent(agent, _info, _capabilities, _unavailability, total, used) {
      let left = total;
      for (const held of used.values()) left = left.subtract(held.unallocate());
      free.set(agent, left);
      run();
    },
    recoverResources(_framework, agent, resources) {
      if (free.has(agent)) free.set(agent, free.get(agent).add(resources.unallocate()));
      run();
    },
    removeAgent: (agent) => void free.delete(agent),
    recover: nothing, removeFramework: nothing, activateFramework: nothing, updateAgent: nothing,
    activateAgent: nothing, deactivateAgent: nothing, updateWhitelist: nothing, updateAllocation: nothing,
    transitionOfferedToAllocated: nothing, suppressOffers: nothing, reviveOffers: nothing,
    explain: () => act(undefined),
  };
});
export { allocator, controller, estimator, hook, isolator, logger, resolver };
`;
}

/** A program that speaks the protocol itself. */
export function faultyProgram(folder: string, kind: FaultyKind): string {
  return `#!${process.execPath}
${deeds(folder)}
import readline from 'node:readline';
const kind = '${kind}';
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const flood = (i) => say({ method: 'log', args: { level: 'info', text: 'flood ' + i } });
const act = (good) => { const bad = misbehave(kind, flood); return bad ? bad.answer : good; };
const free = new Map();
let framework;
const run = () => {
  if (framework === undefined) return;
  for (const [agent, resources] of free) {
    if (resources.length === 0) continue;
    free.set(agent, []);
    const offered = resources.map((one) => ({ ...one, allocation_info: { role: '*' } }));
    say({ method: 'offer', args: { framework, resources: { '*': { [agent]: offered } } } });
  }
};
const subtract = (total, held) => total
  .filter(({ type }) => type === 'SCALAR')
  .map((one) => {
    const less = held.filter(({ name, type }) => name === one.name && type === 'SCALAR');
    const value = less.reduce((left, { scalar }) => left - scalar.value, one.scalar.value);
    return { ...one, scalar: { value } };
  })
  .filter(({ scalar }) => scalar.value > 0.001);
const stream = (directory, name) => ({ type: 'path', path: directory + '/' + name });
const methods = {
  describe: () => ({ protocol: 1, kind, name: 'Faulty' + kind }),
  create: () => ({ methods: Object.keys(own[kind]) }),
};
const own = {
  Hook: { agentTaskStatusDecorator: () => act(null) },
  Isolator: { usage: () => act({ timestamp: 0 }) },
  ResourceEstimator: { initialize: () => null, oversubscribable: () => act([]) },
  QoSController: {
    initialize: () => null,
    corrections: async () => { await new Promise((resolve) => setTimeout(resolve, 100)); return act([]); },
  },
  SecretResolver: { resolve: () => act(Buffer.from('s3cret').toString('base64')) },
  ContainerLogger: {
    prepare({ config: { directory } }) {
      const good = { stdout: stream(directory, 'stdout'), stderr: stream(directory, 'stderr') };
      return directory.includes('logged') ? act(good) : good;
    },
  },
  Allocator: {
    initialize() {},
    addFramework(args) { framework = args.framework; run(); },
    addAgent({ agent, total, used }) {
      free.set(agent, subtract(total, Object.values(used).flat()));
      run();
    },
    recoverResources({ agent, resources }) {
      const back = resources.map(({ allocation_info, ...rest }) => rest);
      const merged = new Map();
      for (const one of [...(free.get(agent) ?? []), ...back]) {
        if (one.type !== 'SCALAR') continue;
        const known = merged.get(one.name);
        merged.set(one.name, { ...one, scalar: { value: one.scalar.value + (known?.scalar.value ?? 0) } });
      }
      free.set(agent, [...merged.values()]);
      run();
    },
    explain: () => act(null),
  },
};
readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, args } = JSON.parse(line);
  if (method === 'shutdown') process.exit(0);
  const run = methods[method] ?? own[kind][method];
  if (!run) return;
  try {
    const result = await run(args);
    if (id !== undefined) say({ id, result });
  } catch (error) {
    if (id !== undefined) say({ id, error: error.message });
  }
});
`;
}
