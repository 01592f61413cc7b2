import { defineModule } from '@mesita/sdk/module';
import type { DeviceAccess, DeviceWhitelist } from '@mesita/sdk/types';
import { writeGroupFile } from '../../../linux/cgroups/groups.ts';
import { readDevice } from '../../../linux/device-nodes.ts';
import * as schema from '../../../wire/schema/mesos.ts';
import { messageParam } from '../../message-param.ts';
import { cgroupParameters } from '../define.ts';
import { createCgroupIsolator } from '../isolator.ts';

/** What every container may use: terminals, the usual nodes, and to make nodes that it cannot open. */
const always = [
  'c *:* m',
  'b *:* m',
  'c 5:1 rwm',
  'c 4:0 rwm',
  'c 4:1 rwm',
  'c 136:* rwm',
  'c 5:2 rwm',
  'c 10:200 rwm',
  'c 1:3 rwm',
  'c 1:5 rwm',
  'c 1:7 rwm',
  'c 5:0 rwm',
  'c 1:9 rwm',
  'c 1:8 rwm',
];

/** Closes all devices to a container but the usual ones and `--allowed_devices`. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/devices',
  description: 'Only allowed devices can be opened',
  parameters: { ...cgroupParameters, allowed_devices: messageParam(schema.DeviceWhitelist) },
  create: ({ log }, settings) => {
    const entries = [...always, ...readAllowed(settings.allowed_devices)];
    return createCgroupIsolator({
      name: 'cgroups/devices',
      // On version 2 the kernel asks a program of the agent's, which is not written yet.
      controllers: { v1: ['devices'], v2: undefined },
      settings,
      log,
      subsystem: {
        async prepare(group) {
          const directory = group.directory('devices');
          await writeGroupFile(directory, 'devices.deny', 'a *:* rwm');
          for (const entry of entries) await writeGroupFile(directory, 'devices.allow', entry);
        },
      },
    });
  },
});

function readAllowed(whitelist: DeviceWhitelist | undefined): string[] {
  return (whitelist?.allowedDevices ?? []).map(formatEntry);
}

function formatEntry({ device, access }: DeviceAccess): string {
  const { path } = device;
  if (path === undefined) throw new Error('Whitelisted device has no device path provided');
  const letters = `${access.read ? 'r' : ''}${access.write ? 'w' : ''}${access.mknod ? 'm' : ''}`;
  if (letters === '') {
    throw new Error(`Could not whitelist device '${path}' without any access privileges`);
  }
  const { kind, major, minor } = readDevice(path);
  return `${kind} ${major}:${minor} ${letters}`;
}
