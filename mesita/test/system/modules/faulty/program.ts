import process from 'node:process';
import { deeds, type FaultyKind } from './deeds.ts';

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
  create() {
    if (kind === 'Anonymous') say({ method: 'handle', args: { path: '/deed' } });
    return { methods: Object.keys(own[kind]), properties: properties[kind] ?? {} };
  },
};
const properties = {
  Authenticatee: { mechanism: 'FAULTY' },
  Authenticator: { mechanism: 'FAULTY' },
  HttpAuthenticator: { scheme: 'Faulty' },
};
const base64 = (text) => Buffer.from(text).toString('base64');
/** By channel: what is called when the peer has spoken. */
const listeners = new Map();
const own = {
  Anonymous: { route: () => act({ body: 'well' }) },
  Authenticatee: {
    authenticate({ channel }) {
      say({ method: 'send', args: { channel, message: base64('it is me') } });
      return act(true);
    },
    message() {},
    end() {},
  },
  Authenticator: {
    initialize: () => null,
    async authenticate({ channel }) {
      await new Promise((resolve) => listeners.set(channel, resolve));
      return act('agent');
    },
    message: ({ channel }) => listeners.get(channel)?.(),
    end() {},
  },
  Authorizer: {
    authorized: ({ object }) => (object?.value === '/logging/toggle' ? act(true) : true),
    approver: () => true,
  },
  HttpAuthenticator: {
    authenticate({ request: { path } }) {
      const good = { principal: { value: 'operator' } };
      return path.endsWith('/flags') ? act(good) : good;
    },
  },
  MasterDetector: {
    async detect({ previous }) {
      for (;;) {
        const leader = readLeader();
        if (leader.id !== previous?.id) return act(leader);
        await sleep(50);
      }
    },
  },
  SecretGenerator: { generate: () => act({ type: 'VALUE', value: { data: base64('token') } }) },
  Hook: { agentTaskStatusDecorator: () => act(null) },
  Isolator: { usage: () => act({ timestamp: 0 }) },
  ResourceEstimator: { initialize: () => null, oversubscribable: () => act([]) },
  QoSController: {
    initialize: () => null,
    corrections: async () => { await sleep(100); return act([]); },
  },
  SecretResolver: { resolve: () => act(base64('s3cret')) },
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
