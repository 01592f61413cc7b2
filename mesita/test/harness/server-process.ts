import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Place } from './network.ts';
import { waitFor } from './wait.ts';

/** A server of somebody else's, which ends with the test whatever happens. */
export interface ServerProcess {
  /** Resolves when it serves. After a `kill` again. */
  start(): Promise<void>;
  /** By SIGKILL, after it was thawed. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** Servers that keep one state among them. */
export interface Ensemble {
  readonly servers: readonly ServerProcess[];
  /** `127.0.0.1:1,127.0.0.1:2`. */
  readonly hosts: string;
  stop(): Promise<void>;
}

/** Where servers run that need no place of their own. */
export function loopback(count: number): readonly Place[] {
  return Array.from({ length: count }, () => ({ host: '127.0.0.1', prefix: [] }));
}

/** Starts all of them, or none. `folder` goes with them. */
export async function startEnsemble(
  servers: readonly ServerProcess[],
  hosts: string,
  folder: string,
): Promise<Ensemble> {
  const stop = async () => {
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, hosts, stop };
}

export function createServerProcess(
  what: string,
  [command = '', ...args]: readonly string[],
  isServing: () => Promise<boolean>,
): ServerProcess {
  let child: ChildProcess | undefined;
  const end = () => child?.kill('SIGKILL');
  return {
    async start() {
      child = spawn(command, args, { stdio: 'ignore' });
      process.once('exit', end);
      await waitFor(what, isServing, {
        timeoutMs: 60_000,
        hopeless: () => ((child?.exitCode ?? null) === null ? undefined : 'the server has ended'),
      });
    },
    async kill() {
      const ending = child;
      process.off('exit', end);
      child = undefined;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const exited = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGCONT');
      ending.kill('SIGKILL');
      await exited;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
}
