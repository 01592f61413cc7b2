import { formatDuration } from '@mesita/sdk/base';
import type { Election } from '../master/election.ts';
import type { MasterFlags } from '../master/flags.ts';
import { createBuiltin } from '../modules/catalog.ts';
import type { DaemonModules } from './modules.ts';

/** By `--zk`, or `--master_contender` and `--master_detector`; undefined: alone. */
export async function createElection(
  { zk, zkSessionTimeout, masterContender, masterDetector }: MasterFlags,
  { manager, contextOf }: Pick<DaemonModules, 'manager' | 'contextOf'>,
): Promise<Election | undefined> {
  const create = async <K extends 'MasterContender' | 'MasterDetector'>(
    kind: K,
    what: string,
    module: string | undefined,
  ) => {
    try {
      if (zk === undefined) return await manager.create(kind, module ?? '');
      return await createBuiltin(kind, 'zookeeper', contextOf, {
        url: zk,
        session_timeout: formatDuration(zkSessionTimeout),
      });
    } catch (error) {
      throw new Error(`Failed to create a master ${what}: ${(error as Error).message}`);
    }
  };
  if (zk === undefined && masterContender === undefined) return undefined;
  return {
    contender: await create('MasterContender', 'contender', masterContender),
    detector: await create('MasterDetector', 'detector', masterDetector),
  };
}
