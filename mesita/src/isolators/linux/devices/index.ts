import { join } from 'node:path';
import { defineModule } from '@mesita/sdk/module';
import type { DeviceAccess } from '@mesita/sdk/types';
import { mount } from '../../../linux/constants.ts';
import {
  type DeviceNumbers,
  makeDeviceDirectory,
  makeDeviceNode,
  readDevice,
} from '../../../linux/device-nodes.ts';
import * as schema from '../../../wire/schema/mesos.ts';
import { hasIsolator, isRoot, need, surroundings } from '../../host-needs.ts';
import { messageParam } from '../../message-param.ts';

/** Nodes of `--allowed_devices` in containers whose root file system is their own. */
export default defineModule({
  kind: 'Isolator',
  name: 'linux/devices',
  description: 'Nodes of allowed devices in root file systems',
  parameters: { ...surroundings, allowed_devices: messageParam(schema.DeviceWhitelist) },
  create: ({ runtimeDir }, { launcher, isolation, allowed_devices: allowed }) => {
    need(isRoot(), 'Linux devices isolator requires root permissions');
    need(launcher === 'linux', "'linux' launcher must be used");
    need(hasIsolator(isolation, 'filesystem/linux'), "'filesystem/linux' isolator must be used");
    const directory = join(runtimeDir, 'devices');
    const nodes = (allowed?.allowedDevices ?? []).map(readNode);
    let made: Promise<void> | undefined;
    return {
      supportsNesting: true,
      supportsStandalone: true,
      async prepare(_id, { rootfs }) {
        if (rootfs === undefined || nodes.length === 0) return undefined;
        made ??= makeNodes(directory, nodes);
        await made;
        return {
          // Read only: nobody changes the node's owner or mode. What it stands for can be written.
          mounts: nodes.map(({ name }) => ({
            source: join(directory, name),
            target: join(rootfs, 'dev', name),
            flags: mount.BIND | mount.RDONLY,
          })),
        };
      },
    };
  },
});

interface Node extends DeviceNumbers {
  /** Below `/dev`. */
  readonly name: string;
  readonly mode: number;
}

function readNode({ device: { path }, access }: DeviceAccess): Node {
  if (path === undefined) throw new Error('Whitelisted device has no device path provided');
  return { ...readDevice(path), name: path.replace(/^\/dev\//, ''), mode: modeOf(access) };
}

/** One set for all containers. */
async function makeNodes(directory: string, nodes: readonly Node[]): Promise<void> {
  await makeDeviceDirectory(directory);
  for (const node of nodes) await makeDeviceNode(join(directory, node.name), node, node.mode);
}

/** Access is the container's, whoever the user in it is; its device group has the last word. */
function modeOf({ read, write }: DeviceAccess.Access): number {
  return 0o600 | (read ? 0o044 : 0) | (write ? 0o022 : 0);
}
