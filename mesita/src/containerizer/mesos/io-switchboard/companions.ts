import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerID } from '@mesita/sdk/types';
import type { Forker, ForkSpec, UserIds } from '../../../linux/launcher/forker.ts';
import { quote } from '../../../linux/shell.ts';
import { containerKey, files, runtimePath } from '../paths.ts';
import { readProcesses } from '../processes.ts';
import { createSupervisedLauncher } from '../supervised-launcher.ts';
import { within } from './within.ts';

export const streamNames = ['stdout', 'stderr'] as const;
export type StreamName = (typeof streamNames)[number];

interface Program {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: UserIds | undefined;
}

interface Failure {
  readonly stream: StreamName;
  /** Raw, as of `wait`. */
  readonly status: string;
  /** The beginning of what it said. */
  readonly output: string;
}

/**
 * Programs that read what a container prints, each through a FIFO. They have supervisors of their
 * own, so that an agent's end does not touch them, and end by themselves when the last writer is
 * gone. A FIFO loses nothing: what is not read yet makes the container wait.
 *
 *   agent forks the program ─▶ it opens the FIFO ─▶ agent holds it ─▶ container opens it ─▶ hand over
 */
export interface Companions {
  /** Answers the FIFO, once somebody reads it. */
  start(id: ContainerID, name: StreamName, program: Program): Promise<string>;
  handOver(id: ContainerID): void;
  recover(ids: readonly ContainerID[]): Promise<void>;
  /** Waits for the programs of a container, not for ever. Answers those that failed. */
  end(id: ContainerID): Promise<Failure[]>;
  close(): Promise<void>;
}

interface CompanionsOptions {
  readonly runtimeDir: string;
  readonly forker: Forker;
  readonly clock: Clock;
  readonly log: Logger;
}

const START_MS = 10_000;
/** For what is still in the FIFO when the container is gone. */
const DRAIN_MS = 5_000;

export function createCompanions(options: CompanionsOptions): Companions {
  const { forker, clock, log } = options;
  // Beside the containers' own directories: they are no containers.
  const runtimeDir = join(options.runtimeDir, 'io_switchboard');
  const launcher = createSupervisedLauncher({
    ...{ runtimeDir, clock, log, destroyTimeoutMs: DRAIN_MS },
    forker: { ...forker, close: async () => {} },
  });
  const held = new Map<string, number>();

  function letGo(id: ContainerID): void {
    const fd = held.get(containerKey(id));
    held.delete(containerKey(id));
    if (fd !== undefined) closeSync(fd);
  }

  async function endOne(id: ContainerID, stream: StreamName): Promise<Failure | undefined> {
    const companion = companionOf(id, stream);
    const directory = runtimePath(runtimeDir, companion);
    if (!existsSync(directory)) return undefined;
    letGo(companion);
    await within(clock, DRAIN_MS, launcher.ended(companion));
    await launcher.destroy(companion);
    const status = readText(join(directory, files.status)) ?? 'unknown';
    if (status === '0') return undefined;
    return { stream, status, output: readText(join(directory, 'log'))?.slice(0, 500) ?? '' };
  }

  return {
    async start(id, name, program) {
      const companion = companionOf(id, name);
      const directory = runtimePath(runtimeDir, companion);
      await mkdir(directory, { recursive: true });
      await makeOwn(join(directory, 'work'), program.user);
      const fifo = join(directory, 'fifo');
      await launcher.fork(companion, describe(directory, fifo, program));
      await launcher.release(companion);
      held.set(containerKey(companion), await openWhenRead(clock, directory, fifo));
      return fifo;
    },
    handOver: (id) => {
      for (const name of streamNames) letGo(companionOf(id, name));
    },
    async recover(ids) {
      const states = ids.flatMap((id) =>
        streamNames.flatMap((name) => {
          const containerId = companionOf(id, name);
          const directory = runtimePath(runtimeDir, containerId);
          if (!existsSync(directory)) return [];
          const { pid } = readProcesses(directory, 0).leader;
          return [{ containerId, pid, directory }];
        }),
      );
      await launcher.recover(states);
    },
    async end(id) {
      const failures = await Promise.all(streamNames.map((name) => endOne(id, name)));
      await rm(runtimePath(runtimeDir, id), { recursive: true, force: true });
      return failures.filter((failure) => failure !== undefined);
    },
    async close() {
      for (const fd of held.values()) closeSync(fd);
      held.clear();
      await launcher.close();
    },
  };
}

/** No container inside another has a dot in its name. */
function companionOf(parent: ContainerID, name: StreamName): ContainerID {
  return { value: `.${name}`, parent };
}

/** Where the program may keep something of its own. */
async function makeOwn(path: string, user: UserIds | undefined): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (user) await chown(path, user.uid, user.gid);
}

/** The agent's user makes the FIFO, where nobody else can put something in its place. */
function describe(directory: string, fifo: string, { argv, env, user }: Program): ForkSpec {
  const own = user ? ` && chown ${user.uid}:${user.gid} ${quote(fifo)}` : '';
  return {
    directory,
    cwd: join(directory, 'work'),
    stdout: join(directory, 'log'),
    stderr: join(directory, 'log'),
    user,
    file: '/bin/sh',
    args: ['sh', '-c', 'exec "$@" <"$0"', fifo, ...argv],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    rlimits: [],
    preExec: [`mkfifo -m 600 ${quote(fifo)}${own}`],
  };
}

/**
 * Until the container writes, somebody must, or the program would read an end. That there is a
 * reader shows in nothing but that the FIFO can be opened.
 */
async function openWhenRead(clock: Clock, directory: string, fifo: string): Promise<number> {
  const deadline = clock.now() + START_MS;
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  for (;;) {
    try {
      return openSync(fifo, flags);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENXIO') throw error;
    }
    const status = readText(join(directory, files.status));
    if (status !== undefined || clock.now() > deadline) {
      const said = readText(join(directory, 'log'))?.trim() ?? '';
      throw new Error(`The container logger's program did not start: ${said}`);
    }
    await new Promise<void>((resolve) => clock.setTimer(2, resolve));
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
