// A master and an agent with a faulty module of each kind, and a task that lasts.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../../../../src/modules/manifest.ts';
import { type Cluster, createCluster, type Daemon, getJson } from '../../../harness/cluster.ts';
import { type Framework, subscribe } from '../../../harness/framework.ts';
import { waitFor } from '../../../harness/wait.ts';
import { agentKinds, type FaultyKind, masterKinds, nameOf, type Order } from './deeds.ts';
import { faultyModules } from './library.ts';
import { faultyProgram } from './program.ts';

export interface FaultyCluster {
  readonly master: Daemon;
  readonly agent: Daemon;
  readonly framework: Framework;
  /** What these kinds shall do once, as soon as they are called. */
  order(deed: string, whom: readonly FaultyKind[]): void;
  /** Calls each module at least once; what becomes of it is the modules' affair. */
  provoke(name: string): Promise<void>;
  /** One figure of each kind's instance; undefined while a daemon does not say. */
  figures(name: string): Promise<ReadonlyMap<FaultyKind, number> | undefined>;
  /** A home that has just ended needs a moment: then tasks run as before. */
  runWell(name: string): Promise<void>;
  stop(): Promise<void>;
}

const limits = { deadline: '700ms', memory: '64MB' };

export async function startFaultyCluster(home: Home): Promise<FaultyCluster> {
  const cluster = createCluster();
  const { folder } = cluster;
  try {
    const master = await cluster.startMaster(
      ...['--registry=in_memory', manifest(folder, home, masterKinds)],
      `--allocator=${nameOf('Allocator')}`,
      `--authorizers=${nameOf('Authorizer')}`,
      ...[`--authenticators=${nameOf('Authenticator')}`, '--authenticate_agents'],
    );
    const lead = createLeader(folder, master);
    lead();
    const agent = await cluster.startAgent({ master }, ...agentFlags(cluster, home));
    const framework = await subscribe(master.port);
    await framework.launch({ id: 'lasting', command: 'sleep 1000' });
    await framework.status('lasting', 'TASK_RUNNING');
    let orders = 0;
    return {
      ...{ master, agent, framework },
      order(deed, whom) {
        const order: Order = { number: ++orders, deed, whom };
        write(folder, 'order', order);
      },
      async provoke(name) {
        await detectAnew(master, lead);
        await provoke({ master, agent, framework }, name);
      },
      figures: (name) => readFigures(master, agent, name),
      runWell: (name) => runWell(framework, name),
      stop: () => cluster.stop(),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function agentFlags({ folder }: Cluster, home: Home): string[] {
  const credential = join(folder, 'credential');
  const own = { principal: 'agent', secret: 'a secret' };
  writeFileSync(credential, JSON.stringify(own), { mode: 0o600 });
  return [
    manifest(folder, home, agentKinds),
    ...[`--authenticatee=${nameOf('Authenticatee')}`, `--credential=${credential}`],
    '--authentication_backoff_factor=10ms',
    `--container_logger=${nameOf('ContainerLogger')}`,
    `--hooks=${nameOf('Hook')}`,
    ...[`--http_authenticators=${nameOf('HttpAuthenticator')}`, '--authenticate_http_readonly'],
    `--isolation=posix/cpu,posix/mem,${nameOf('Isolator')}`,
    `--master_detector=${nameOf('MasterDetector')}`,
    `--qos_controller=${nameOf('QoSController')}`,
    `--resource_estimator=${nameOf('ResourceEstimator')}`,
    '--oversubscribed_resources_interval=100ms',
    `--secret_generator=${nameOf('SecretGenerator')}`,
    `--secret_resolver=${nameOf('SecretResolver')}`,
  ];
}

function manifest(folder: string, home: Home, kinds: readonly FaultyKind[]): string {
  const file = (kind: FaultyKind) => {
    const path = join(folder, home === 'program' ? `${kind}.mjs` : 'faulty.mjs');
    const text = home === 'program' ? faultyProgram(folder, kind) : faultyModules(folder);
    writeFileSync(path, text, { mode: 0o755 });
    return path;
  };
  const libraries = kinds.map((kind) => ({
    file: file(kind),
    modules: { name: nameOf(kind), home, limits },
  }));
  return `--modules=${JSON.stringify({ libraries })}`;
}

/** Writes for detectors that the master leads, under another id each time. */
function createLeader(folder: string, { port }: Daemon): () => void {
  let terms = 0;
  return () => {
    const pid = `master@127.0.0.1:${port}`;
    const leader = { id: `term-${++terms}`, ip: 0x0100007f, port, pid, hostname: 'localhost' };
    write(folder, 'leader', leader);
  };
}

/** Whole, for whoever reads it meanwhile. */
export function write(folder: string, name: string, content: object): void {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, JSON.stringify(content));
  renameSync(`${path}.new`, path);
}

/** The agent looks for its master, proves who it is and comes back; or its modules do otherwise. */
async function detectAnew(master: Daemon, lead: () => void): Promise<void> {
  const count = async () => (await readMetrics(master))?.['master/slave_reregistrations'] ?? 0;
  const before = await count();
  lead();
  await waitFor('the agent to be back', async () => (await count()) > before, {
    timeoutMs: 5_000,
  }).catch(() => undefined);
}

type Parts = Pick<FaultyCluster, 'master' | 'agent' | 'framework'>;

async function provoke({ master, agent, framework }: Parts, name: string): Promise<void> {
  const secret = { type: 'REFERENCE', reference: { name: 'any' } };
  const variables = [{ name: 'S', type: 'SECRET', secret }];
  const executor = {
    type: 'CUSTOM',
    executor_id: { value: `custom-${name}` },
    command: { value: 'exit 0' },
  };
  const tasks = [
    { id: `logged-${name}`, command: 'true' },
    { id: `secret-${name}`, more: { command: { value: 'true', environment: { variables } } } },
    { id: `custom-${name}`, more: { executor } },
  ];
  // One by one: what one task gave back is offered by itself, and is enough for the next.
  for (const task of tasks) await framework.launch(task);
  const ask = (daemon: Daemon, path: string) => getJson(daemon.port, path).catch(() => undefined);
  await Promise.all([
    ask(master, `/explain?framework=${framework.id}`),
    ask(master, '/logging/toggle'),
    ask(master, `/modules/${nameOf('Anonymous')}/deed`),
    ask(agent, '/monitor/statistics'),
    ask(agent, '/flags'),
  ]);
}

async function runWell(framework: Framework, name: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const id = `after-${name}-${attempt}`;
    await framework.launch({ id, command: 'true' });
    await framework.waitFor(`${id} ends`, () => hasEnded(framework, id));
    if (framework.states(id).at(-1) === 'TASK_FINISHED') return;
  }
  throw new Error('tasks do not run well again');
}

export function hasEnded(framework: Framework, id: string): boolean {
  return framework.states(id).some((state) => !/STAGING|STARTING|RUNNING/.test(state));
}

async function readFigures(
  master: Daemon,
  agent: Daemon,
  name: string,
): Promise<ReadonlyMap<FaultyKind, number> | undefined> {
  const [masters, agents] = await Promise.all([readMetrics(master), readMetrics(agent)]);
  if (!masters || !agents) return undefined;
  const all = { ...masters, ...agents };
  const kinds: readonly FaultyKind[] = [...masterKinds, ...agentKinds];
  return new Map(kinds.map((kind) => [kind, all[`modules/${nameOf(kind)}/${name}`] ?? 0]));
}

/** Undefined while what lets clients in, or says what they may, is about to come back. */
async function readMetrics(daemon: Daemon): Promise<Record<string, number> | undefined> {
  const answer = await getJson(daemon.port, '/metrics/snapshot').catch(() => undefined);
  return answer as Record<string, number> | undefined;
}
