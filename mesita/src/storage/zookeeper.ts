import type { Logger, Random } from '@mesita/sdk/base';
import { type ElectionUrl, showElectionUrl } from '../wire/election-url.ts';
import {
  type Connect,
  createPath,
  createSessions,
  isCode,
  type ZooKeeper,
} from '../zookeeper/client.ts';
import { type Acl, aclOf, type Operation } from '../zookeeper/records.ts';
import type { Pause } from './fence.ts';
import { createFencedStorage } from './fenced.ts';
import { type Storage, StorageError, type StorageErrorCode } from './storage.ts';
import type { Transactions } from './transactions.ts';

interface ZooKeeperStorageOptions {
  /** Its path is the election's: the registry lies beside the candidates. */
  readonly address: ElectionUrl;
  readonly timeoutMs: number;
  readonly random: Random;
  readonly log: Logger;
  /** Absent: over the network. */
  readonly connect?: Connect | undefined;
  /** Waits before a request is made again. Absent: in real time. */
  readonly pause?: Pause | undefined;
}

const NAME = 'mesita-registry';

/** Records as nodes under the election's path, fenced by the version of the node they lie in. */
export function openZooKeeperStorage(options: ZooKeeperStorageOptions): Storage {
  const { address } = options;
  const root = `${address.path}/${NAME}`;
  const where = `the registry at '${showElectionUrl({ ...address, path: root })}'`;
  const { pause } = options;
  return createFencedStorage(connectTransactions(options, root, where), { where, pause });
}

/** ZooKeeper refuses requests of more than 1 MB; names and permissions count as well. */
const limits = { changes: 500, bytes: 700_000, value: 500_000 };

function connectTransactions(
  options: ZooKeeperStorageOptions,
  root: string,
  where: string,
): Transactions {
  const acl = aclOf(options.address);
  // The fence, not a session, guards the registry: one that ended is followed by another.
  const sessions = createSessions(options, options.connect);
  /** Names of the nodes that are there: to make a node and to change it are two requests. */
  let names: Set<string> | undefined;

  async function run<T>(work: (zookeeper: ZooKeeper) => Promise<T>): Promise<T> {
    try {
      return await work(sessions.current());
    } catch (error) {
      throw toStorageError(error, where);
    }
  }

  async function readNames(zookeeper: ZooKeeper): Promise<Set<string>> {
    try {
      return new Set((await zookeeper.children(root)).map(decodeURIComponent));
    } catch (error) {
      if (isCode(error, 'NO_NODE')) return new Set();
      throw error;
    }
  }

  async function transact(
    zookeeper: ZooKeeper,
    { expected, fence, changes }: Parameters<Transactions['transact']>[0],
  ): Promise<{ readonly version: number } | 'conflict'> {
    if (expected === undefined) await createPath(zookeeper, parentOf(root), acl);
    names ??= await readNames(zookeeper);
    const first: Operation =
      expected === undefined
        ? { type: 'create', path: root, data: fence, acl }
        : { type: 'set', path: root, data: fence, version: Number(expected) };
    const rest = [...changes].flatMap(([name, value]) => operationsOf(name, value, names!));
    try {
      const [made] = await zookeeper.multi([first, ...rest]);
      for (const [name, value] of changes) {
        if (value) names.add(name);
        else names.delete(name);
      }
      return { version: made?.stat?.version ?? 0 };
    } catch (error) {
      // Whatever was made, or by whom: the names are read again.
      names = undefined;
      const isConflict = ['BAD_VERSION', 'NODE_EXISTS', 'NO_NODE'].some((code) =>
        isCode(error, code as 'NO_NODE'),
      );
      if (isConflict) return 'conflict';
      throw error;
    }
  }

  function operationsOf(
    name: string,
    value: Uint8Array | undefined,
    known: ReadonlySet<string>,
  ): Operation[] {
    const path = `${root}/${encodeURIComponent(name)}`;
    if (value && known.has(name)) return [{ type: 'set', path, data: value }];
    if (value) return [{ type: 'create', path, data: value, acl: acl as readonly Acl[] }];
    return known.has(name) ? [{ type: 'delete', path }] : [];
  }

  return {
    limits,
    readFence: () =>
      run(async (zookeeper) => {
        await zookeeper.sync(root);
        try {
          const { data, stat } = await zookeeper.get(root);
          return { value: data, version: stat.version };
        } catch (error) {
          if (isCode(error, 'NO_NODE')) return undefined;
          throw error;
        }
      }),
    readNodes: () =>
      run(async (zookeeper) => {
        names = await readNames(zookeeper);
        const read = async (name: string) => {
          const { data } = await zookeeper.get(`${root}/${encodeURIComponent(name)}`);
          return [name, data as Uint8Array] as const;
        };
        return new Map(await Promise.all([...names].map(read)));
      }),
    transact: (transaction) => run((zookeeper) => transact(zookeeper, transaction)),
    close: () => sessions.close(),
  };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

const codes: Readonly<Record<string, StorageErrorCode>> = {
  NO_AUTH: 'denied',
  AUTH_FAILED: 'denied',
  INVALID_ACL: 'denied',
};

function toStorageError(error: unknown, where: string): Error {
  if (error instanceof StorageError || !(error instanceof Error)) return error as Error;
  const code = codes[(error as { code?: string }).code ?? ''] ?? 'unavailable';
  const text = code === 'denied' ? 'may not be written by this user' : 'cannot be reached';
  return new StorageError(code, `${where} ${text}: ${error.message}`, error);
}
