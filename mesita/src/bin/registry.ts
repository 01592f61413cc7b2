import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import type { MasterFlags } from '../master/flags.ts';
import { createInMemoryStorage } from '../storage/in-memory.ts';
import { openLocalStorage } from '../storage/local.ts';
import type { Storage } from '../storage/storage.ts';

/** The store that `--registry` names. Mesos' default name stands for the store that fits. */
export async function openRegistry(flags: MasterFlags, log: Logger): Promise<Storage> {
  if (flags.registry === 'in_memory') return createInMemoryStorage();
  const directory = join(flags.workDir ?? '', 'registry');
  if (flags.registry === 'replicated_log') {
    log.info('--registry=replicated_log stands for local here', { directory });
  }
  return openLocalStorage(directory);
}
