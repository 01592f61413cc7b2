import type { Pid } from '@mesita/sdk/base';
import type { MasterDetector as DetectorModule } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { createStandaloneDetector, type MasterDetector } from '../agent/driver/detector.ts';
import type { AgentFlags } from '../agent/flags.ts';
import type { ModuleManager } from '../modules/manager.ts';
import { nameOf } from './daemon.ts';

/** By `--master_detector`, or the one master of `--master`. */
export async function createDetector(
  { master, masterDetector }: Pick<AgentFlags, 'master' | 'masterDetector'>,
  manager: Pick<ModuleManager, 'create'>,
): Promise<MasterDetector> {
  if (masterDetector === undefined) {
    return createStandaloneDetector(await parseMaster(master ?? ''));
  }
  try {
    return fromModule(await manager.create('MasterDetector', masterDetector));
  } catch (error) {
    throw new Error(`Failed to create a master detector: ${(error as Error).message}`);
  }
}

/** The agent knows a master by its pid; a module is told all it said of that master before. */
function fromModule(module: DetectorModule): MasterDetector {
  let last: MasterInfo | undefined;
  return {
    async detect(previous, signal) {
      const known = last?.pid === previous?.pid ? last : undefined;
      const found = await module.detect(previous && known, signal);
      if (found && found.pid === undefined)
        throw new Error('the detector gave a master without pid');
      last = found;
      return found && { pid: found.pid as Pid, hostname: found.hostname };
    },
  };
}

async function parseMaster(text: string) {
  const [ip = '', port = ''] = text
    .trim()
    .replace(/^master@/, '')
    .split(':');
  return { ip, port: Number(port), hostname: await nameOf(ip) };
}
