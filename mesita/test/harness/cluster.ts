// Starts the real daemons on free loopback ports and ends them, and what they started, whatever happens.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { request } from 'undici';
import { killLeftovers, removeDirectory } from '../../src/cli/cluster/leftovers.ts';
import { unmountBelow } from './mounts.ts';
import { waitFor as waitForState } from './wait.ts';

const dist = join(import.meta.dirname, '../../dist');

export interface Daemon {
  readonly port: number;
  readonly process: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Waits for words of one that runs on: an answer by HTTP may come before what it printed. */
  says(words: string): Promise<void>;
  /** Resolves with the exit status, or the signal's name. */
  exited: Promise<number | string>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export interface Cluster {
  readonly folder: string;
  startMaster(...flags: string[]): Promise<Daemon>;
  /** An agent that may well refuse to run. */
  spawnAgent(options: AgentOptions, ...flags: string[]): Promise<Daemon>;
  /** Resolves when the agent is registered. */
  startAgent(options: AgentOptions, ...flags: string[]): Promise<Daemon>;
  stop(): Promise<void>;
}

interface AgentOptions {
  readonly master: Daemon;
  /** What it is told of the master; else where that one is. */
  readonly detection?: string;
  /** Folder of its work and runtime directories below the cluster's; reused on a restart. */
  readonly name?: string;
  readonly port?: number;
  readonly resources?: string;
  /** More of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<unknown>((resolve) => server.close(resolve));
  return port;
}

export function createFolder(): string {
  return mkdtempSync(join(tmpdir(), 'mesita-test-'));
}

export function createCluster(): Cluster {
  const folder = createFolder();
  const daemons: Daemon[] = [];
  const track = (daemon: Daemon) => {
    daemons.push(daemon);
    return daemon;
  };
  async function spawnAgent(options: AgentOptions, ...flags: string[]): Promise<Daemon> {
    const { master, name = 'agent', resources, env } = options;
    const port = options.port ?? (await freePort());
    return track(
      spawnDaemon(
        'mesos-agent',
        port,
        [
          '--ip=127.0.0.1',
          `--port=${port}`,
          '--hostname=localhost',
          ...(flags.some((flag) => flag.startsWith('--master_detector='))
            ? []
            : [`--master=${options.detection ?? `127.0.0.1:${master.port}`}`]),
          ...directories(join(folder, name)).filter((flag) => !isGiven(flag, flags)),
          `--resources=${resources ?? 'cpus:4;mem:4096;disk:10240;ports:[31000-32000]'}`,
          ...flags,
        ],
        [],
        env,
      ),
    );
  }
  return {
    folder,
    async startMaster(...flags) {
      const port = portOf(flags) ?? (await freePort());
      const daemon = track(
        spawnDaemon('mesos-master', port, [
          '--ip=127.0.0.1',
          `--port=${port}`,
          '--hostname=localhost',
          `--work_dir=${join(folder, 'master')}`,
          ...flags.filter((f) => !f.startsWith('--port=')),
        ]),
      );
      await waitFor(`master on port ${port}`, () => isRecovered(port), daemon);
      return daemon;
    },
    spawnAgent,
    async startAgent(options, ...flags) {
      const { master } = options;
      const daemon = await spawnAgent(options, ...flags);
      const pid = `@127.0.0.1:${daemon.port}`;
      const isRegistered = async () =>
        (await isHealthy(daemon.port)) &&
        (await registeredAgents(master.port)).some((a) => a.active && a.pid.endsWith(pid)) &&
        (await hasAgentId(daemon.port));
      await waitFor(`agent on port ${daemon.port} to register`, isRegistered, daemon);
      return daemon;
    },
    async stop() {
      await Promise.all(daemons.map((d) => d.kill('SIGKILL')));
      // Containers outlive their agents.
      await killLeftovers(realpathSync(folder));
      unmountBelow(realpathSync(folder));
      await removeDirectory(folder);
    },
  };
}

/** Flags of an agent that lives below one directory, and may be an ordinary user's. */
export function directories(home: string): readonly string[] {
  return [
    `--work_dir=${join(home, 'work')}`,
    `--runtime_dir=${join(home, 'runtime')}`,
    `--fetcher_cache_dir=${join(home, 'fetch')}`,
    '--no-systemd_enable_support',
    '--launcher=posix',
    '--registration_backoff_factor=10ms',
    ...(process.getuid?.() === 0 ? [] : ['--no-switch_user']),
  ];
}

function isGiven(flag: string, flags: readonly string[]): boolean {
  const name = `${flag.split('=')[0]}=`;
  return flags.some((each) => each.startsWith(name));
}

function portOf(flags: readonly string[]): number | undefined {
  const flag = flags.find((f) => f.startsWith('--port='));
  return flag ? Number(flag.slice(7)) : undefined;
}

/** `prefix` is a command that puts it somewhere else, as a `Place` has one. */
export function spawnDaemon(
  command: string,
  port: number,
  args: readonly string[],
  prefix: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Daemon {
  const own = Object.entries(process.env).filter(([k]) => !/^(MESOS|LIBPROCESS)_/.test(k));
  const env = { ...Object.fromEntries(own), ...more };
  const [program = '', ...rest] = [...prefix, process.execPath, join(dist, `${command}.js`)];
  const child = spawn(program, [...rest, ...args], { env });
  // A test that ran out of time leaves nothing behind either.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  let text = '';
  child.stdout.on('data', (d) => (text += d));
  child.stderr.on('data', (d) => (text += d));
  // After the last of its output.
  const exited = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  const daemon: Daemon = {
    port,
    process: child,
    output: () => text,
    says: (words) => waitFor(`“${words}”`, () => text.includes(words), daemon),
    exited,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(force);
    },
  };
  return daemon;
}

/** Waits on a state; a daemon that ended meanwhile fails at once with what it said. */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  daemon?: Daemon,
  timeoutMs = 30_000,
): Promise<void> {
  let ended: number | string | undefined;
  void daemon?.exited.then((status) => {
    ended = status;
  });
  const hopeless = () => (ended === undefined ? undefined : `the process ended (${ended})`);
  try {
    await waitForState(what, holds, { timeoutMs, hopeless });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${daemon?.output() ?? ''}`);
  }
}

/** It leads and has read its registry, or sends to the one that leads. */
async function isRecovered(port: number): Promise<boolean> {
  const status = await fetch(`http://127.0.0.1:${port}/api/v1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"type":"GET_VERSION"}',
    redirect: 'manual',
  }).then(
    (answer) => answer.status,
    () => undefined,
  );
  return status !== undefined && status !== 404 && status !== 503;
}

async function isHealthy(port: number): Promise<boolean> {
  return (await tryGet(port, '/health'))?.statusCode === 200;
}

async function tryGet(port: number, path: string) {
  try {
    const response = await request(`http://127.0.0.1:${port}${path}`);
    return { statusCode: response.statusCode, text: await response.body.text() };
  } catch {
    return undefined;
  }
}

export async function getJson(port: number, path: string): Promise<unknown> {
  const response = await request(`http://127.0.0.1:${port}${path}`);
  const text = await response.body.text();
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${text}`);
  return JSON.parse(text);
}

/** After a restart the master still holds what it knew; the agent knows when it is in again. */
async function hasAgentId(port: number): Promise<boolean> {
  const metrics = await tryGet(port, '/metrics/snapshot');
  if (metrics?.statusCode !== 200) return false;
  return (JSON.parse(metrics.text) as Record<string, number>)['slave/registered'] === 1;
}

export async function agentPort(master: Daemon, agentId: string): Promise<number> {
  const agent = (await registeredAgents(master.port)).find(({ id }) => id === agentId);
  return Number(agent?.pid.split(':').at(-1));
}

interface RegisteredAgent {
  readonly id: string;
  readonly pid: string;
  readonly active: boolean;
}

async function registeredAgents(port: number): Promise<readonly RegisteredAgent[]> {
  const answer = await tryGet(port, '/slaves');
  if (answer?.statusCode !== 200) return [];
  return (JSON.parse(answer.text) as { slaves: RegisteredAgent[] }).slaves;
}
