import { formatDuration, type Pid } from '@mesita/sdk/base';
import type { MasterDetector as DetectorModule } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { createStandaloneDetector, type MasterDetector } from '../agent/driver/detector.ts';
import type { AgentFlags } from '../agent/flags.ts';
import { createBuiltin } from '../modules/catalog.ts';
import { nameOf } from './daemon.ts';
import type { DaemonModules } from './modules.ts';

/** By `--master_detector`, or `--master`: one master, or where they are elected. */
export async function createDetector(
  flags: Pick<AgentFlags, 'master' | 'masterDetector' | 'zkSessionTimeout'>,
  { manager, contextOf }: Pick<DaemonModules, 'manager' | 'contextOf'>,
): Promise<MasterDetector> {
  const { master = '', masterDetector } = flags;
  const [, scheme] = /^(zk|etcd):\/\//.exec(master) ?? [];
  if (masterDetector === undefined && scheme === undefined) {
    return createStandaloneDetector(await parseMaster(master));
  }
  try {
    if (masterDetector !== undefined) {
      return fromModule(await manager.create('MasterDetector', masterDetector));
    }
    const parameters = { url: master, session_timeout: formatDuration(flags.zkSessionTimeout) };
    return fromModule(
      await createBuiltin(
        'MasterDetector',
        scheme === 'zk' ? 'zookeeper' : 'etcd',
        contextOf,
        parameters,
      ),
    );
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
