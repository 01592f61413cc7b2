import { formatDuration } from '@mesita/sdk/base';
import {
  createStandaloneDetector,
  detectByModule,
  type MasterDetector,
} from '../agent/driver/detector.ts';
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
      return detectByModule(await manager.create('MasterDetector', masterDetector));
    }
    const parameters = { url: master, session_timeout: formatDuration(flags.zkSessionTimeout) };
    return detectByModule(
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

async function parseMaster(text: string) {
  const [ip = '', port = ''] = text
    .trim()
    .replace(/^master@/, '')
    .split(':');
  return { ip, port: Number(port), hostname: await nameOf(ip) };
}
