import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerID } from '@mesita/sdk/types';
import type { Forker, ForkSpec, UserIds } from '../../../linux/launcher/forker.ts';
import { containerKey, files, runtimePath } from '../paths.ts';
import { readProcesses } from '../processes.ts';
import { createSupervisedLauncher } from '../supervised-launcher.ts';
import type { StreamName } from './companions.ts';
import { within } from './within.ts';

/** What a container's process gets in place of what its logger gave. */
export type ServedPaths = Pick<ForkSpec, 'stdin' | 'stdout' | 'stderr' | 'tty'>;

interface Serving {
  readonly tty: boolean;
  /** Nothing is read before somebody attached. */
  readonly waits: boolean;
  readonly user: UserIds | undefined;
  /** Where the logger wants the output. */
  readonly outputs: Readonly<Record<StreamName, string>>;
}

/**
 * The programs between a container's streams and who attaches to them: native/switchboard.c. They
 * have supervisors of their own, like companions, and end when the container's streams do.
 */
interface Servers {
  /** Resolves when the program serves. */
  start(id: ContainerID, serving: Serving): Promise<ServedPaths>;
  /** The container's process holds its streams itself now. */
  handOver(id: ContainerID): void;
  recover(ids: readonly ContainerID[]): Promise<void>;
  has(id: ContainerID): boolean;
  /** Rejects when the program has ended. */
  connect(id: ContainerID): Promise<Socket>;
  /** Nothing writes any more: waits until all is passed on, not for ever. */
  end(id: ContainerID): Promise<void>;
  close(): Promise<void>;
}

interface ServersOptions {
  readonly runtimeDir: string;
  /** Of the compiled launcher; without it nothing can be served. */
  readonly program: string | undefined;
  readonly forker: Forker;
  readonly clock: Clock;
  readonly log: Logger;
}

const START_MS = 10_000;
const DRAIN_MS = 8_000;

export function createServers(options: ServersOptions): Servers {
  const { program, forker, clock, log } = options;
  const runtimeDir = join(options.runtimeDir, 'io_switchboard');
  const launcher = createSupervisedLauncher({
    ...{ runtimeDir, clock, log, destroyTimeoutMs: DRAIN_MS },
    forker: { ...forker, close: async () => {} },
  });
  const held = new Map<string, readonly number[]>();
  const directoryOf = (id: ContainerID): string => runtimePath(runtimeDir, serverOf(id));

  function letGo(id: ContainerID): void {
    const fds = held.get(containerKey(id)) ?? [];
    held.delete(containerKey(id));
    for (const fd of fds) closeSync(fd);
  }

  return {
    async start(id, serving) {
      if (program === undefined) {
        throw new Error(
          'A container with a terminal or a session needs the compiled launcher, which is built where a C compiler is',
        );
      }
      const directory = directoryOf(id);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await launcher.fork(serverOf(id), describe(program, directory, serving));
      await launcher.release(serverOf(id));
      await waitUntilReady(clock, directory);
      const paths = servedPaths(directory, serving);
      held.set(containerKey(id), hold(paths));
      return paths;
    },
    handOver: letGo,
    async recover(ids) {
      const states = ids.flatMap((id) => {
        const directory = directoryOf(id);
        if (!existsSync(directory)) return [];
        const { pid } = readProcesses(directory, 0).leader;
        return [{ containerId: serverOf(id), pid, directory }];
      });
      await launcher.recover(states);
    },
    has: (id) => existsSync(directoryOf(id)),
    connect: (id) => connectTo(directoryOf(id)),
    async end(id) {
      if (!existsSync(directoryOf(id))) return;
      letGo(id);
      await within(clock, DRAIN_MS, launcher.ended(serverOf(id)));
      await launcher.destroy(serverOf(id));
    },
    async close() {
      for (const fds of held.values()) for (const fd of fds) closeSync(fd);
      held.clear();
      await launcher.close();
    },
  };
}

/** No container inside another has a dot in its name. */
function serverOf(parent: ContainerID): ContainerID {
  return { value: '.io', parent };
}

function describe(
  program: string,
  directory: string,
  { tty, waits, user, outputs }: Serving,
): ForkSpec {
  const owner = user ? `${user.uid}:${user.gid}` : '-';
  const kind = [tty ? 'tty' : 'pipes', waits ? 'attend' : 'go-on'];
  return {
    directory,
    cwd: directory,
    stdout: join(directory, 'log'),
    stderr: join(directory, 'log'),
    file: program,
    args: [program, 'switchboard', ...kind, owner, outputs.stdout, outputs.stderr],
    env: {},
    rlimits: [],
    preExec: [],
  };
}

async function waitUntilReady(clock: Clock, directory: string): Promise<void> {
  const deadline = clock.now() + START_MS;
  while (!existsSync(join(directory, 'ready'))) {
    if (existsSync(join(directory, files.status)) || clock.now() > deadline) {
      const said = readText(join(directory, 'log')).trim();
      throw new Error(`The I/O switchboard server did not start: ${said}`);
    }
    await new Promise<void>((resolve) => clock.setTimer(2, resolve));
  }
}

function servedPaths(directory: string, { tty, outputs }: Serving): ServedPaths {
  if (tty) return { ...outputs, tty: readText(join(directory, 'tty')) };
  const [stdin, stdout, stderr] = ['in', 'out', 'err'].map((name) => join(directory, name));
  return { stdin, stdout: stdout as string, stderr: stderr as string };
}

/** Until the container has them open itself, somebody must, or their end would be read. */
function hold({ tty, stdout, stderr }: ServedPaths): number[] {
  const { O_RDWR, O_WRONLY, O_NOCTTY, O_NONBLOCK, O_NOFOLLOW } = constants;
  if (tty !== undefined) return [openSync(tty, O_RDWR | O_NOCTTY)];
  return [stdout, stderr].map((path) => openSync(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW));
}

/** By the open directory: the path of a socket may have a hundred characters, and no more. */
async function connectTo(directory: string): Promise<Socket> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = createConnection({ path: `/proc/self/fd/${handle.fd}/socket` });
      socket.once('error', (cause) => reject(new Error('I/O switchboard has shutdown', { cause })));
      socket.once('connect', () => resolve(socket));
    });
  } finally {
    await handle.close();
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
