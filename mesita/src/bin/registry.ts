import { join } from 'node:path';
import { type Logger, unwrap } from '@mesita/sdk/base';
import { systemRandom } from '../actor/clock.ts';
import type { MasterFlags } from '../master/flags.ts';
import { createInMemoryStorage } from '../storage/in-memory.ts';
import { openLocalStorage } from '../storage/local.ts';
import type { Storage } from '../storage/storage.ts';
import { openZooKeeperStorage } from '../storage/zookeeper.ts';
import { parseZooKeeperAddress } from '../zookeeper/address.ts';

/** The store that `--registry` names. Mesos' default name stands for the store that fits. */
export async function openRegistry(flags: MasterFlags, log: Logger): Promise<Storage> {
  if (flags.registry === 'in_memory') return createInMemoryStorage();
  const isShared = flags.zk !== undefined && flags.registry !== 'local';
  if (isShared) {
    if (flags.registry !== 'zookeeper') {
      log.info(`--registry=${flags.registry} stands for zookeeper here, where masters are elected`);
    }
    const address = unwrap(parseZooKeeperAddress(flags.zk));
    const timeoutMs = flags.zkSessionTimeout;
    return openZooKeeperStorage({ address, timeoutMs, random: systemRandom, log });
  }
  const directory = join(flags.workDir ?? '', 'registry');
  if (flags.registry === 'replicated_log') {
    log.info('--registry=replicated_log stands for local here', { directory });
  }
  return openLocalStorage(directory);
}
