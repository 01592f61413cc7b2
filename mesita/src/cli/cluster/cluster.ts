import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { assertCanMake } from '../../flags/places.ts';
import { Problem } from '../problem.ts';
import { type Daemon, startDaemon, waitUntilReady } from './daemon.ts';
import { killLeftovers, removeDirectory } from './leftovers.ts';
import { checkPort, freePorts } from './ports.ts';

interface ClusterOptions {
  readonly agents: number;
  /** Of the master, which must have it; 0: any free one. Absent: Mesos' own, or a free one. */
  readonly port?: number;
  /** Of each agent, as `--resources`. */
  readonly resources?: string;
  /** Kept at the end. Absent: a new temporary directory, removed at the end. */
  readonly workDir?: string;
  /** Where the bundles of the daemons lie. */
  readonly dist: string;
  readonly onLine: (daemon: string, line: string) => void;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One master and some agents on this machine, each a process of its own. */
interface Cluster {
  /** Once. Throws a Problem when a daemon does not come up; `stop` cleans up what did. */
  start(): Promise<RunningCluster>;
  /** Ends all of it, containers too, in order. */
  stop(): Promise<void>;
  /** Ends all of it by force. */
  kill(): Promise<void>;
}

export interface RunningCluster {
  readonly master: Daemon;
  readonly agents: readonly Daemon[];
  /** `127.0.0.1:5050`. */
  readonly address: string;
  readonly workDir: string;
  /** Resolves with a sentence when a daemon ends that nobody stopped. */
  readonly broken: Promise<string>;
}

const HOST = '127.0.0.1';
const MASTER_PORT = 5050;
const UNREGISTER_MS = 10_000;
const TERMINATE_MS = 5_000;

export function createCluster(options: ClusterOptions): Cluster {
  const { onProgress } = options;
  const daemons: Daemon[] = [];
  let workDir: string | undefined;
  let isStopping = false;

  async function cleanUp() {
    if (workDir === undefined) return;
    const left = await killLeftovers(workDir);
    if (left > 0) onProgress(`ended ${left} process${left === 1 ? '' : 'es'} of tasks`);
    if (options.workDir === undefined) await removeDirectory(workDir);
  }

  return {
    async start() {
      if (options.port) await checkPort(HOST, options.port);
      workDir = await makeWorkDir(options.workDir);
      const running = await startDaemons(options, workDir, daemons);
      const ends = daemons.map(async ({ title, ended }) => `${title} ${await ended}`);
      const broken = Promise.race(ends).then((text) => (isStopping ? never : text));
      return { ...running, workDir, broken };
    },
    async stop() {
      isStopping = true;
      await stopDaemons(daemons);
      await cleanUp();
    },
    async kill() {
      isStopping = true;
      for (const daemon of daemons) daemon.kill();
      await cleanUp();
    },
  };
}

const never = new Promise<never>(() => {});

async function startDaemons(options: ClusterOptions, workDir: string, daemons: Daemon[]) {
  const { onProgress, signal } = options;
  const preferred = options.port ?? MASTER_PORT;
  const [port = preferred, ...agentPorts] = await freePorts(HOST, options.agents + 1, preferred);
  const address = `${HOST}:${port}`;
  const master = startMaster(options, workDir, port);
  daemons.push(master);
  await waitUntilReady(master, '/health', isOk, signal);
  onProgress(`master    ${master.url}`);

  const agents = agentPorts.map((agentPort, index) =>
    startAgent(options, workDir, address, agentPort, index + 1),
  );
  daemons.push(...agents);
  for (const agent of agents) await waitUntilReady(agent, '/health', isOk, signal);
  const isComplete = (_status: number, body: string) => countActive(body) >= agents.length;
  await waitUntilReady(master, '/slaves', isComplete, signal);
  for (const agent of agents) onProgress(`${agent.name.padEnd(9)} ${agent.url}`);
  return { master, agents, address };
}

const isOk = (status: number) => status === 200;

async function makeWorkDir(given: string | undefined): Promise<string> {
  try {
    if (given === undefined) return await realpath(await mkdtemp(join(tmpdir(), 'mesita-')));
    assertCanMake(given);
    await mkdir(given, { recursive: true });
    return await realpath(given);
  } catch (cause) {
    throw new Problem('cannot make the work directory', 'Give another with --work_dir=<dir>.', {
      cause,
    });
  }
}

function startMaster(options: ClusterOptions, workDir: string, port: number): Daemon {
  return startDaemon({
    name: 'master',
    script: 'mesos-master.js',
    dist: options.dist,
    host: HOST,
    port,
    args: [...addressFlags(port), `--work_dir=${join(workDir, 'master')}`, '--cluster=local'],
    onLine: (line) => options.onLine('master', line),
  });
}

function startAgent(
  options: ClusterOptions,
  workDir: string,
  master: string,
  port: number,
  number: number,
): Daemon {
  const name = `agent-${number}`;
  const isRoot = process.getuid?.() === 0;
  return startDaemon({
    name,
    script: 'mesos-agent.js',
    dist: options.dist,
    host: HOST,
    port,
    args: [
      ...addressFlags(port),
      `--master=${master}`,
      `--work_dir=${join(workDir, name)}`,
      `--runtime_dir=${join(workDir, name, 'run')}`,
      `--fetcher_cache_dir=${join(workDir, name, 'fetch')}`,
      '--no-systemd_enable_support',
      '--launcher=posix',
      ...(isRoot ? [] : ['--no-switch_user']),
      ...(options.resources === undefined ? [] : [`--resources=${options.resources}`]),
    ],
    onLine: (line) => options.onLine(name, line),
  });
}

function addressFlags(port: number): readonly string[] {
  return [`--ip=${HOST}`, `--port=${port}`, '--hostname=localhost'];
}

function countActive(body: string): number {
  try {
    const { slaves } = JSON.parse(body) as { slaves?: readonly { active?: boolean }[] };
    return (slaves ?? []).filter(({ active }) => active).length;
  } catch {
    return 0;
  }
}

/** Agents first: with SIGUSR1 they unregister and end their containers, as Mesos' do. */
async function stopDaemons(daemons: readonly Daemon[]): Promise<void> {
  // A Node process that is still starting would open its debugger instead.
  const agents = daemons.filter(({ name, isReady }) => name !== 'master' && isReady());
  await signalAndWait(agents, 'SIGUSR1', UNREGISTER_MS);
  await signalAndWait(daemons, 'SIGTERM', TERMINATE_MS);
  for (const daemon of daemons) if (daemon.isRunning()) daemon.kill();
  await Promise.all(daemons.map(({ ended }) => ended));
}

async function signalAndWait(daemons: readonly Daemon[], name: NodeJS.Signals, ms: number) {
  const running = daemons.filter((daemon) => daemon.isRunning());
  if (running.length === 0) return;
  for (const daemon of running) daemon.signal(name);
  const patience = new AbortController();
  const { signal } = patience;
  await Promise.race([
    Promise.all(running.map(({ ended }) => ended)),
    delay(ms, undefined, { signal }).catch(() => {}),
  ]);
  patience.abort();
}
