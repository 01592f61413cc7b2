import { type ModuleContext, ModuleSkipped } from '@mesita/sdk/module';
import { createCgroupCompanion } from '../../../linux/cgroups/companion.ts';
import {
  createProgramDeviceLists,
  type DeviceLists,
  kernelDeviceLists,
} from '../../../linux/cgroups/device-lists.ts';
import { nativeLauncherPath } from '../../../linux/launcher/native-path.ts';

/**
 * The way of one isolator to the lists of all groups. On version 2 it has a companion, which starts
 * now and ends with the agent; the lists are the groups', so that isolators need not share it.
 */
export function openDeviceLists(
  version: 1 | 2,
  launcherDir: string | undefined,
  { log, signal }: Pick<ModuleContext, 'log' | 'signal'>,
): DeviceLists {
  if (version === 1) return kernelDeviceLists;
  const program = nativeLauncherPath(launcherDir);
  if (!program) throw new ModuleSkipped('Devices on cgroups v2 need the compiled launcher');
  const companion = createCgroupCompanion(program, log);
  signal.addEventListener('abort', () => void companion.close(), { once: true });
  return createProgramDeviceLists(companion);
}
