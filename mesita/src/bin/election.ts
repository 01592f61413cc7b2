import { formatDuration } from '@mesita/sdk/base';
import type { Election } from '../master/election.ts';
import type { MasterFlags } from '../master/flags.ts';
import { createBuiltin } from '../modules/catalog.ts';
import type { DaemonModules } from './modules.ts';

/** By `--zk`, `--etcd`, or `--master_contender` and `--master_detector`; undefined: alone. */
export async function createElection(
  { zk, etcd, zkSessionTimeout, masterContender, masterDetector }: MasterFlags,
  { manager, contextOf }: Pick<DaemonModules, 'manager' | 'contextOf'>,
): Promise<Election | undefined> {
  const url = zk ?? etcd;
  const create = async <K extends 'MasterContender' | 'MasterDetector'>(
    kind: K,
    what: string,
    module: string | undefined,
  ) => {
    try {
      if (url === undefined) return await manager.create(kind, module ?? '');
      const session_timeout = formatDuration(zkSessionTimeout);
      const name = zk === undefined ? 'etcd' : 'zookeeper';
      return await createBuiltin(kind, name, contextOf, { url, session_timeout });
    } catch (error) {
      throw new Error(`Failed to create a master ${what}: ${(error as Error).message}`);
    }
  };
  if (url === undefined && masterContender === undefined) return undefined;
  return {
    contender: await create('MasterContender', 'contender', masterContender),
    detector: await create('MasterDetector', 'detector', masterDetector),
  };
}
