import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { systemRandom } from '../actor/clock.ts';
import type { MasterFlags } from '../master/flags.ts';
import { openEtcdStorage } from '../storage/etcd.ts';
import { createInMemoryStorage } from '../storage/in-memory.ts';
import { openLocalStorage } from '../storage/local.ts';
import type { Storage } from '../storage/storage.ts';
import { openZooKeeperStorage } from '../storage/zookeeper.ts';
import { readElectionUrl } from '../wire/election-url.ts';

/** The store that `--registry` names. Mesos' default name stands for the store that fits. */
export async function openRegistry(flags: MasterFlags, log: Logger): Promise<Storage> {
  if (flags.registry === 'in_memory') return createInMemoryStorage();
  const shared = openShared(flags, log);
  if (shared) return shared;
  const directory = join(flags.workDir ?? '', 'registry');
  if (flags.registry === 'replicated_log') {
    log.info('--registry=replicated_log stands for local here', { directory });
  }
  return openLocalStorage(directory);
}

/** Where masters are elected, the next one must find what this one wrote. */
function openShared(flags: MasterFlags, log: Logger): Storage | undefined {
  const { registry, zk, etcd, zkSessionTimeout: timeoutMs } = flags;
  const url = zk ?? etcd;
  if (url === undefined || registry === 'local') return undefined;
  const address = readElectionUrl(url);
  const elects = address.scheme === 'zk' ? 'zookeeper' : 'etcd';
  if (registry !== elects) log.info(`--registry=${registry} stands for ${elects} here`);
  if (address.scheme === 'etcd') return openEtcdStorage(address);
  return openZooKeeperStorage({ address, timeoutMs, random: systemRandom, log });
}
