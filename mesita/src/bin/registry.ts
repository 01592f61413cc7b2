import { join } from 'node:path';
import { type Logger, unwrap } from '@mesita/sdk/base';
import { systemRandom } from '../actor/clock.ts';
import { parseEtcdAddress } from '../etcd/address.ts';
import type { MasterFlags } from '../master/flags.ts';
import { openEtcdStorage } from '../storage/etcd.ts';
import { createInMemoryStorage } from '../storage/in-memory.ts';
import { openLocalStorage } from '../storage/local.ts';
import type { Storage } from '../storage/storage.ts';
import { openZooKeeperStorage } from '../storage/zookeeper.ts';
import { parseZooKeeperAddress } from '../zookeeper/address.ts';

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
  const elects = zk === undefined ? 'etcd' : 'zookeeper';
  if ((zk ?? etcd) === undefined || registry === 'local') return undefined;
  if (registry !== elects) log.info(`--registry=${registry} stands for ${elects} here`);
  if (zk === undefined) return openEtcdStorage(unwrap(parseEtcdAddress(etcd ?? '')));
  const address = unwrap(parseZooKeeperAddress(zk));
  return openZooKeeperStorage({ address, timeoutMs, random: systemRandom, log });
}
