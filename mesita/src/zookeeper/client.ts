import { performance } from 'node:perf_hooks';
import type { Logger, Random } from '@mesita/sdk/base';
import type { ElectionUrl } from '../wire/election-url.ts';
import { ZooKeeperError } from './errors.ts';
import type { JuteReader, JuteWriter } from './jute.ts';
import {
  type Acl,
  type Operation,
  type OperationResult,
  opCodes,
  readResult,
  readStat,
  readTransaction,
  type Stat,
  writeOperation,
  writeTransaction,
} from './records.ts';
import { Session } from './session.ts';
import { createWatches } from './watches.ts';

/** Called once: something happened to what was read, or nobody can say any more. Read again. */
type Watch = () => void;

interface CreateOptions {
  readonly acl: readonly Acl[];
  readonly isEphemeral?: boolean;
  /** The path gets a number of ten digits, larger than every earlier one's in that place. */
  readonly isSequential?: boolean;
}

/**
 * One session. Everything waits for a connection, and rejects with a `ZooKeeperError`: after
 * `CONNECTION_LOSS` a change may have been made or not; after the end of the session nothing works.
 */
export interface ZooKeeper {
  /** Until then, on the clock of `performance.now()`, the session is certainly alive. */
  readonly aliveUntil: number;
  /** Whether that has not passed yet. */
  isAlive(): boolean;
  readonly ended: Promise<ZooKeeperError>;
  /** Gives the path as it is, with its number where it is sequential. */
  create(path: string, data: Uint8Array, options: CreateOptions): Promise<string>;
  exists(path: string, watch?: Watch): Promise<Stat | undefined>;
  get(path: string, watch?: Watch): Promise<{ readonly data: Buffer; readonly stat: Stat }>;
  /** Names, in no order. */
  children(path: string, watch?: Watch): Promise<readonly string[]>;
  set(path: string, data: Uint8Array, version?: number): Promise<Stat>;
  delete(path: string, version?: number): Promise<void>;
  /** All of them or none; rejects with the error of the one that failed. */
  multi(operations: readonly Operation[]): Promise<readonly OperationResult[]>;
  /** What is read afterwards is as new as everything that had been written before. */
  sync(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface ZooKeeperOptions {
  readonly address: ElectionUrl;
  readonly timeoutMs: number;
  readonly random: Random;
  readonly log: Logger;
}

/** Makes a session: the real one, or that of a simulated ensemble. */
export type Connect = (options: ZooKeeperOptions) => ZooKeeper;

/** Begins to connect at once, and goes on until the session ends. */
export function connectZooKeeper(options: ZooKeeperOptions): ZooKeeper {
  const watches = createWatches();
  const session = new Session({
    ...options,
    onEvent: (path, kind) => watches.fire(path, kind),
    onDisconnected: () => watches.fireAll(),
  });
  void session.ended.then(() => watches.fireAll());

  function request<T>(
    type: keyof typeof opCodes,
    path: string,
    write: (to: JuteWriter) => void,
    read: (from: JuteReader) => T,
  ): Promise<T> {
    return session.request({ name: `${type} ${path}`, code: opCodes[type], write, read });
  }

  async function change(operation: Operation): Promise<OperationResult> {
    const { type, path } = operation;
    return request(
      type,
      path,
      (to) => writeOperation(to, operation),
      (from) => readResult(from, type),
    );
  }

  /** The watch is set by the server's answer, and so is it here. */
  function look<T>(
    type: 'exists' | 'get' | 'children',
    path: string,
    watch: Watch | undefined,
    read: (from: JuteReader) => T,
  ): Promise<T> {
    const write = (to: JuteWriter) => {
      to.string(path);
      to.bool(watch !== undefined);
    };
    return request(type, path, write, (from) => {
      const answer = read(from);
      if (watch) watches.add(type === 'children' ? 'children' : 'node', path, watch);
      return answer;
    });
  }

  return {
    get aliveUntil() {
      return session.aliveUntil;
    },
    isAlive: () => performance.now() < session.aliveUntil,
    ended: session.ended,
    create: async (path, data, create) =>
      (await change({ type: 'create', path, data, ...create })).path ?? path,
    async exists(path, watch) {
      try {
        return await look('exists', path, watch, readStat);
      } catch (error) {
        if (!isCode(error, 'NO_NODE')) throw error;
        // The server watches for its creation all the same.
        if (watch) watches.add('node', path, watch);
        return undefined;
      }
    },
    get: (path, watch) =>
      look('get', path, watch, (from) => {
        const data = Buffer.from(from.buffer());
        return { data, stat: readStat(from) };
      }),
    children: (path, watch) => look('children', path, watch, (from) => from.strings()),
    set: async (path, data, version) => (await change({ type: 'set', path, data, version })).stat!,
    delete: async (path, version) => void (await change({ type: 'delete', path, version })),
    multi: (operations) =>
      request(
        'multi',
        operations[0]?.path ?? '',
        (to) => writeTransaction(to, operations),
        (from) => readTransaction(from, operations),
      ),
    sync: (path) =>
      request(
        'sync',
        path,
        (to) => to.string(path),
        () => undefined,
      ),
    close: () => session.close(),
  };
}

/** One session at a time, for those who do not mind which: one that has ended is followed by another. */
export function createSessions(options: ZooKeeperOptions, connect: Connect = connectZooKeeper) {
  let session: ZooKeeper | undefined;
  return {
    /** Connects with the first call. */
    current(): ZooKeeper {
      if (session) return session;
      const made = connect(options);
      session = made;
      void made.ended.then(() => {
        if (session === made) session = undefined;
      });
      return made;
    },
    close: async () => session?.close(),
  };
}

/** Makes a node and those above it that are missing, without data. They may be there. */
export async function createPath(
  zookeeper: ZooKeeper,
  path: string,
  acl: readonly Acl[],
): Promise<void> {
  const segments = path.split('/').filter(Boolean);
  for (let count = 1; count <= segments.length; count++) {
    const one = `/${segments.slice(0, count).join('/')}`;
    // Whoever may not create up there needs not to, if it is there.
    if (await zookeeper.exists(one)) continue;
    try {
      await zookeeper.create(one, new Uint8Array(), { acl });
    } catch (error) {
      if (!isCode(error, 'NODE_EXISTS')) throw error;
    }
  }
}

export function isCode(error: unknown, code: ZooKeeperError['code']): error is ZooKeeperError {
  return error instanceof ZooKeeperError && error.code === code;
}
