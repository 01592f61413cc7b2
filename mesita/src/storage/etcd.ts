import { EtcdError } from '../etcd/caller.ts';
import { type Change, connectEtcd } from '../etcd/client.ts';
import { type ElectionUrl, showElectionUrl } from '../wire/election-url.ts';
import { createFencedStorage } from './fenced.ts';
import { type Storage, StorageError } from './storage.ts';
import type { Transactions } from './transactions.ts';

const NAME = 'mesita-registry';

/** Records as keys below the election's path, fenced by the revision of the key above them. */
export function openEtcdStorage(address: ElectionUrl): Storage {
  const root = `${address.path}/${NAME}`;
  const where = `the registry at '${showElectionUrl({ ...address, path: root })}'`;
  return createFencedStorage(connectTransactions(address, root, where), { where });
}

/** By default etcd refuses more than 128 changes in a transaction, and 1.5 MB. */
const limits = { changes: 120, bytes: 1_000_000, value: 800_000 };

const verdicts = {
  DENIED: { code: 'denied', text: 'may not be written by this user' },
  SERVER: { code: 'refused', text: 'is refused by etcd' },
  UNAVAILABLE: { code: 'unavailable', text: 'cannot be reached' },
} as const;

function connectTransactions(address: ElectionUrl, root: string, where: string): Transactions {
  const etcd = connectEtcd(address);

  async function run<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      const { code, text } = verdicts[error.code];
      throw new StorageError(code, `${where} ${text}: ${error.message}`, error);
    }
  }

  return {
    limits,
    async readFence() {
      const found = await run(etcd.get(root));
      return found && { value: found.value, version: found.changedAt };
    },
    async readNodes() {
      const { found } = await run(etcd.list(`${root}/`));
      return new Map(found.map(({ key, value }) => [key.slice(root.length + 1), value]));
    },
    async transact({ expected, fence, changes }) {
      const rest = [...changes].map(([name, value]): Change => ({ key: `${root}/${name}`, value }));
      const guard = { key: root, changedAt: Number(expected ?? 0) };
      const revision = await run(etcd.transact(guard, [{ key: root, value: fence }, ...rest]));
      return revision === undefined ? 'conflict' : { version: revision };
    },
    close: async () => etcd.close(),
  };
}
