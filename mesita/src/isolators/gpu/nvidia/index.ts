import { join } from 'node:path';
import { ok } from '@mesita/sdk/base';
import { defineModule, param } from '@mesita/sdk/module';
import { parseResources, Resources } from '@mesita/sdk/resources';
import { readHierarchies } from '../../../linux/cgroups/hierarchies.ts';
import { readNvidiaDriver } from '../../../linux/nvidia-driver.ts';
import { openDeviceLists } from '../../cgroups/devices/open-lists.ts';
import { hasIsolator, need, surroundings } from '../../host-needs.ts';
import { chooseGpus } from './choose-gpus.ts';
import { findDriverFiles, makeDriverVolume } from './driver-volume.ts';
import { findControls, findNodes } from './host.ts';
import { createNvidiaIsolator } from './isolator.ts';

/** `0,1`, or `{ 0, 1 }` as the agent shows it. */
const indices = param.of<readonly number[]>({
  type: 'list',
  parse: (text) => ok((text.match(/\d+/g) ?? []).map(Number)),
  format: (numbers) => numbers.join(','),
});

/** GPUs of NVIDIA's, by what the kernel's module tells. */
export default defineModule({
  kind: 'Isolator',
  name: 'gpu/nvidia',
  description: 'Whole GPUs, their devices and their driver',
  parameters: {
    ...surroundings,
    cgroups_hierarchy: param.string({ default: '/sys/fs/cgroup' }),
    cgroups_root: param.string({ default: 'mesos' }),
    launcher_dir: param.string(),
    nvidia_gpu_devices: indices,
    resources: param.string(),
    default_role: param.string({ default: '*' }),
  },
  async create(context, { isolation, ...flags }) {
    const driver = readNvidiaDriver();
    need(
      driver !== undefined,
      'Cannot create the Nvidia GPU isolator: NVML is not available (the NVIDIA kernel module is not loaded)',
    );
    need(
      hasIsolator(isolation, 'cgroups/devices') || hasIsolator(isolation, 'cgroups/all'),
      "The 'cgroups/devices' or 'cgroups/all' isolator must be enabled in order to use the 'gpu/nvidia' isolator",
    );
    need(
      hasIsolator(isolation, 'filesystem/linux'),
      "The 'filesystem/linux' isolator must be enabled in order to use the 'gpu/nvidia' isolator",
    );
    const { version, unified, find } = readHierarchies(flags.cgroups_hierarchy);
    const hierarchy = unified ?? find('devices');
    need(hierarchy !== undefined, "There is no v1 'devices' subsystem on this host");
    const gpus = chooseGpus(driver?.gpus ?? [], {
      resources: readCount(flags.resources, flags.default_role),
      indices: flags.nvidia_gpu_devices,
    });
    const lists = openDeviceLists(version, flags.launcher_dir, context);
    const volume = join(context.runtimeDir, 'gpu', `nvidia_${driver?.version}`);
    await makeDriverVolume(volume, await findDriverFiles());
    return createNvidiaIsolator({
      gpus,
      controls: await findControls('/'),
      nodes: findNodes('/'),
      volume,
      lists,
      hierarchy: hierarchy ?? '',
      cgroupsRoot: flags.cgroups_root,
    });
  },
});

/** Undefined when the resources do not name them. */
function readCount(text: string | undefined, defaultRole: string): number | undefined {
  const parsed = parseResources(text ?? '', defaultRole);
  if (!parsed.ok) throw new Error(parsed.error);
  if (!parsed.value.some(({ name }) => name === 'gpus')) return undefined;
  return Resources.of(parsed.value).thousandths('gpus') / 1000;
}
