import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { createHttpClient } from '../../net/client.ts';
import { Problem } from '../problem.ts';
import { lineSplitter } from '../terminal.ts';

interface DaemonOptions {
  /** For people: `master`, `agent-1`. */
  readonly name: string;
  /** File of the bundle: `mesos-master.js`. */
  readonly script: string;
  readonly dist: string;
  readonly args: readonly string[];
  readonly host: string;
  readonly port: number;
  /** Each line the daemon writes, stdout and stderr alike. */
  readonly onLine: (line: string) => void;
}

/** A daemon in a process group of its own: a Ctrl-C in the terminal reaches only us. */
export interface Daemon {
  readonly name: string;
  /** Inside a sentence: `the master`, `agent-1`. */
  readonly title: string;
  readonly url: string;
  /** How it ended: `exited with status 1`. */
  readonly ended: Promise<string>;
  /** The last lines it wrote. */
  readonly lastLines: readonly string[];
  isRunning(): boolean;
  /** Did it ever answer as it should? */
  isReady(): boolean;
  markReady(): void;
  /** Sends the signal to the daemon alone. */
  signal(name: NodeJS.Signals): void;
  /** Kills the whole group. */
  kill(): void;
}

const LAST_LINES = 20;

export function startDaemon(options: DaemonOptions): Daemon {
  const { name, script, dist, args, host, port } = options;
  const path = join(dist, script);
  if (!existsSync(path)) {
    throw new Problem(`${path} is missing`, 'Run `npm run build` first.');
  }
  const child = spawn(process.execPath, [path, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(process.env),
  });
  const lastLines: string[] = [];
  let isReady = false;
  for (const stream of [child.stdout, child.stderr]) {
    const lines = lineSplitter((line) => {
      if (lastLines.push(line) > LAST_LINES) lastLines.shift();
      options.onLine(line);
    });
    stream.on('data', (chunk: Uint8Array) => lines.push(chunk));
    stream.on('end', () => lines.end());
  }
  return {
    name,
    title: name === 'master' ? 'the master' : name,
    url: `http://${host}:${port}`,
    ended: endOf(child),
    lastLines,
    isReady: () => isReady,
    markReady: () => {
      isReady = true;
    },
    isRunning: () =>
      child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    signal: (signalName) => void child.kill(signalName),
    kill: () => killGroup(child.pid),
  };
}

/** A daemon's flags come from us alone: a stray `MESOS_WORK_DIR` of the shell must not leak in. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(env).filter(([name]) => !/^(MESOS|LIBPROCESS)_/.test(name));
  return Object.fromEntries(entries);
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (status, signal) =>
      resolve(signal === null ? `exited with status ${status}` : `was ended by ${signal}`),
    );
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Waits until `path` answers what `isReady` likes; throws a Problem when the daemon ends first. */
export async function waitUntilReady(
  daemon: Daemon,
  path: string,
  isReady: (status: number, body: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const client = createHttpClient({ baseUrl: daemon.url, timeoutMs: 5_000 });
  const deadline = Date.now() + READY_TIMEOUT_MS;
  try {
    for (;;) {
      const answer = await client.request(path, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      if (answer !== undefined) {
        if (isReady(answer.status, new TextDecoder().decode(answer.body))) {
          daemon.markReady();
          return;
        }
      }
      if (!daemon.isRunning()) throw await endedEarly(daemon);
      if (Date.now() > deadline) {
        throw new Problem(
          `${daemon.title} was not ready within ${READY_TIMEOUT_MS / 1000} s (${daemon.url}${path})`,
          lastWords(daemon),
        );
      }
      await delay(POLL_MS, undefined, { signal });
    }
  } finally {
    await client.close();
  }
}

async function endedEarly(daemon: Daemon): Promise<Problem> {
  return new Problem(`${daemon.title} ${await daemon.ended} at its start`, lastWords(daemon));
}

function lastWords({ lastLines }: Daemon): string {
  return lastLines.length === 0 ? 'It wrote nothing.' : `It wrote:\n  ${lastLines.join('\n  ')}`;
}
