// The least that a module of each kind has to do, as text.
import type { KindName } from '@mesita/sdk/module';
import { allocatorBefore, allocatorBody } from './allocator.ts';

interface Body {
  readonly imports?: string;
  /** Above the module. */
  readonly before?: string;
  /** Within `create`, which has `context` and `greeting`. */
  readonly body: string;
  readonly daemon: 'master' | 'agent' | 'both';
  /** That chooses it; `NAME` stands for its name. */
  readonly flag: string;
}

const both = { daemon: 'both' } as const;
const master = { daemon: 'master' } as const;
const agent = { daemon: 'agent' } as const;

const authenticationBody = (refusal: string, arguments_: string, more: string) => `return {${more}
  async authenticate(${arguments_}) {
    for await (const message of untilAborted(channel.messages, signal)) {
      context.log.debug('the peer said something', { bytes: message.length });
      // Answer with channel.send(…), and return once it has proved who it is.
    }
    return ${refusal};
  },
};`;

const untilAborted = `
/** What comes until nobody waits any more. */
async function* untilAborted(
  messages: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const iterator = messages[Symbol.asyncIterator]();
  while (!signal.aborted) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (!next || next.done) return;
    yield next.value;
  }
}
`;

const whenAborted = `
/** Rejects when nobody waits any more. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
`;

const usageType = `import type { Usage } from '@mesita/sdk/module';\n`;

export const bodies: Readonly<Record<KindName, Body>> = {
  AgentOrder: {
    ...master,
    flag: '--allocator_parts=NAME',
    body: `return {
  // The emptiest agents first.
  order: (agents) =>
    [...agents]
      .sort((a, b) => b.available.scalar('cpus') - a.available.scalar('cpus'))
      .map(({ id }) => id),
};`,
  },
  Allocator: {
    ...master,
    flag: '--allocator=NAME',
    imports: `import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { AllocatorCallbacks } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';\n`,
    before: allocatorBefore,
    body: allocatorBody,
  },
  AllocatorSorter: {
    ...master,
    flag: '--allocator_parts=NAME',
    body: `return {
  // Whoever got something least often comes first.
  sort: (siblings) =>
    [...siblings].sort((a, b) => a.allocations - b.allocations).map(({ path }) => path),
};`,
  },
  Anonymous: {
    ...both,
    flag: '',
    body: `context.routes.handle('/greeting', () => ({ body: { greeting } }));
return {
  stop() {
    // The daemon ends.
  },
};`,
  },
  Authenticatee: {
    ...agent,
    flag: '--authenticatee=NAME',
    before: untilAborted,
    body: authenticationBody('false', '_master, _self, _credential, channel, signal', ''),
  },
  Authenticator: {
    ...master,
    flag: '--authenticators=NAME',
    before: untilAborted,
    body: authenticationBody(
      'undefined',
      '_peer, channel, signal',
      `
  initialize(credentials) {
    context.log.info('credentials', { count: credentials?.length ?? 0 });
  },`,
    ),
  },
  Authorizer: {
    ...both,
    flag: '--authorizers=NAME',
    imports: `import type { Principal } from '@mesita/sdk/module';
import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';\n`,
    body: `const decide = (subject: Principal | undefined, action: Action, _object?: AuthorizedObject) =>
  subject?.value !== undefined || action.startsWith('VIEW_');
return {
  authorized: decide,
  approver: (subject, action) => (object) => decide(subject, action, object),
};`,
  },
  ContainerLogger: {
    ...agent,
    flag: '--container_logger=NAME',
    body: `return {
  prepare: (_id, { directory }) => ({
    stdout: { type: 'path', path: \`\${directory}/stdout\` },
    stderr: { type: 'path', path: \`\${directory}/stderr\` },
  }),
};`,
  },
  DiskProfileAdaptor: {
    ...agent,
    flag: '--disk_profile_adaptor=NAME',
    before: whenAborted,
    body: `const profiles = new Map([['fast', { type: 'ssd' }]]);
return {
  async translate(profile) {
    const parameters = profiles.get(profile);
    if (!parameters) throw new Error(\`Unknown profile '\${profile}'\`);
    return { capability: { accessMode: 'SINGLE_NODE_WRITER', mount: {} }, parameters };
  },
  async watch(known, _provider, signal) {
    const all = new Set(profiles.keys());
    const isNews = all.size !== known.size || [...all].some((name) => !known.has(name));
    return isNews && !signal.aborted ? all : whenAborted(signal);
  },
};`,
  },
  Hook: {
    ...agent,
    flag: '--hooks=NAME',
    body: `return {
  agentRunTaskLabelDecorator: (task) => ({
    labels: [...(task.labels?.labels ?? []), { key: 'greeting', value: greeting }],
  }),
};`,
  },
  HttpAuthenticatee: {
    ...agent,
    flag: '',
    body: `return {
  scheme: 'Bearer',
  authenticate(_request, credential): Record<string, string> {
    return credential?.secret === undefined ? {} : { Authorization: \`Bearer \${credential.secret}\` };
  },
};`,
  },
  HttpAuthenticator: {
    ...both,
    flag: '--http_authenticators=NAME',
    body: `return {
  scheme: 'Bearer',
  authenticate({ headers }) {
    const [, token] = /^Bearer (\\S+)$/.exec(headers.authorization ?? '') ?? [];
    context.log.debug('somebody asks', { hasToken: token !== undefined });
    // Return { principal: { value: … } } once the token is checked.
    return { unauthorized: { challenges: ['Bearer realm="mesita"'] } };
  },
};`,
  },
  Isolator: {
    ...agent,
    flag: '--isolation=posix/cpu,posix/mem,NAME',
    body: `return {
  supportsNesting: true,
  async prepare(id, { directory }) {
    // Kept for cleanup, which may come from another agent than this one.
    await context.containers.set(id, { directory });
    return { environment: { variables: [{ name: 'GREETING', type: 'VALUE', value: greeting }] } };
  },
  async cleanup(id) {
    const known = context.containers.get(id) as { directory: string } | undefined;
    context.log.info('a container is gone', { id: id.value, directory: known?.directory });
  },
};`,
  },
  MasterContender: {
    ...master,
    flag: '--master_contender=NAME',
    body: `let lose = () => {};
return {
  initialize(self) {
    context.log.info('standing for election', { id: self.id });
  },
  async contend() {
    lose();
    return { lost: new Promise<void>((resolve) => { lose = resolve; }) };
  },
  async withdraw() {
    lose();
  },
};`,
  },
  MasterDetector: {
    ...agent,
    flag: '--master_detector=NAME',
    before: whenAborted,
    body: `const leader = {
  id: 'the-only-one',
  ip: 0x0100007f,
  port: 5050,
  pid: 'master@127.0.0.1:5050',
  hostname: 'localhost',
};
return {
  detect: async (previous, signal) =>
    previous?.pid === leader.pid ? whenAborted(signal) : leader,
};`,
  },
  OfferFilter: {
    ...master,
    flag: '--allocator_parts=NAME',
    body: `return {
  refuse: ({ agentInfo, role }) =>
    agentInfo.hostname.startsWith('reserved-') && role === '*' ? 'the agent is reserved' : undefined,
};`,
  },
  QoSController: {
    ...agent,
    flag: '--qos_controller=NAME',
    imports: usageType,
    body: `let usage: Usage = async () => ({});
return {
  initialize(ask) {
    usage = ask;
  },
  async corrections() {
    const { executors = [] } = await usage();
    context.log.debug('looking for trouble', { executors: executors.length });
    return [];
  },
};`,
  },
  QuotaPolicy: {
    ...master,
    flag: '--allocator_parts=NAME',
    body: `return {
  left(role, name) {
    const limit = role.quota?.limits.get(name);
    return limit === undefined ? Infinity : limit - role.consumed(name);
  },
};`,
  },
  ResourceEstimator: {
    ...agent,
    flag: '--resource_estimator=NAME',
    imports: `${usageType}import { Resources } from '@mesita/sdk/resources';\n`,
    body: `let usage: Usage = async () => ({});
return {
  initialize(ask) {
    usage = ask;
  },
  async oversubscribable() {
    const { executors = [] } = await usage();
    const value = executors.length > 0 ? 1 : 2;
    return Resources.of([{ name: 'cpus', type: 'SCALAR', scalar: { value }, revocable: {} }]);
  },
};`,
  },
  SecretGenerator: {
    ...agent,
    flag: '--secret_generator=NAME',
    imports: `import { randomBytes } from 'node:crypto';\n`,
    body: `return {
  generate: () => ({ type: 'VALUE', value: { data: randomBytes(32) } }),
};`,
  },
  SecretResolver: {
    ...agent,
    flag: '--secret_resolver=NAME',
    body: `return {
  resolve({ type, value, reference }) {
    if (type === 'VALUE' && value) return value.data;
    throw new Error(\`Unknown secret '\${reference?.name ?? ''}'\`);
  },
};`,
  },
};

/** Of a word as people write it: `isolator`, `http-authenticator`. */
export function findKind(word: string): KindName | undefined {
  const normal = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '');
  return (Object.keys(bodies) as KindName[]).find((kind) => normal(kind) === normal(word));
}
