import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { systemRandom } from '../../actor/clock.ts';
import { openEtcdStorage } from '../../storage/etcd.ts';
import { openLocalStorage } from '../../storage/local.ts';
import { type Storage, StorageError } from '../../storage/storage.ts';
import { openZooKeeperStorage } from '../../storage/zookeeper.ts';
import { type ElectionUrl, parseElectionUrl, showElectionUrl } from '../../wire/election-url.ts';
import { leaderAt } from '../master-address.ts';
import { Problem } from '../problem.ts';

/** Where masters keep it, in the words of their flags. */
export interface Place {
  readonly work_dir?: string;
  readonly zk?: string;
  readonly etcd?: string;
}

interface Use {
  /** Looking at what is not there makes nothing. */
  readonly mustExist: boolean;
  /** A master that runs would go on from what it remembers. */
  readonly writes: boolean;
}

/** Who can't reach a store in this time is told so. */
const PATIENCE_MS = 10_000;
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Opens the registry, and closes it whatever happens. */
export async function withStorage(
  place: Place,
  use: Use,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  const given = [place.work_dir, place.zk, place.etcd].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw new Problem('give one of --work_dir, --zk and --etcd', 'As the masters have it.');
  }
  if (place.work_dir !== undefined) return withLocal(place.work_dir, use, work);
  return withShared(await readUrl(place), use, work);
}

async function withLocal(
  workDir: string,
  { mustExist }: Use,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  let storage: Storage | undefined;
  try {
    storage = await openLocalStorage(join(workDir, 'registry'), { mustExist });
    await work(storage);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'in-use') throw error;
    throw new Problem(error.message, 'Stop the master first.');
  } finally {
    await storage?.close();
  }
}

async function withShared(
  address: ElectionUrl,
  { mustExist, writes }: Use,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  const where = showElectionUrl(address);
  const storage = openShared(address);
  // A store that is away is waited for, until it is closed.
  const limit = setTimeout(() => void storage.close(), PATIENCE_MS);
  try {
    const { epoch, records } = await storage.load().finally(() => clearTimeout(limit));
    if (mustExist && epoch === 0 && records.size === 0) {
      throw new Problem(`there is no registry at '${where}'`);
    }
    if (writes && (await leaderAt(address))) {
      throw new Problem(`a master leads at '${where}'; nothing was changed`, 'Stop it first.');
    }
    await work(storage);
  } finally {
    await storage.close();
  }
}

function openShared(address: ElectionUrl): Storage {
  if (address.scheme === 'etcd') return openEtcdStorage(address);
  const options = { address, timeoutMs: PATIENCE_MS, random: systemRandom, log: quiet };
  return openZooKeeperStorage(options);
}

/** `file://` keeps a password off the command line. */
async function readUrl({ zk, etcd }: Place): Promise<ElectionUrl> {
  const flag = zk === undefined ? 'etcd' : 'zk';
  const given = zk ?? etcd ?? '';
  const path = given.startsWith('file://') ? given.slice('file://'.length) : undefined;
  const text = path === undefined ? given : await readFile(path, 'utf8');
  const url = parseElectionUrl(text);
  const form = `Give --${flag}=${flag}://<host>:<port>,…/<path>.`;
  if (!url || (url.ok && url.value.scheme !== flag)) {
    throw new Problem(`--${flag} does not begin with ${flag}://`, form);
  }
  if (!url.ok) throw new Problem(`--${flag}: ${url.error}`, form);
  return url.value;
}
