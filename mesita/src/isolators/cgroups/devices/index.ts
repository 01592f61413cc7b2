import { defineModule, param } from '@mesita/sdk/module';
import type { DeviceAccess, DeviceWhitelist } from '@mesita/sdk/types';
import type { DeviceLists } from '../../../linux/cgroups/device-lists.ts';
import { type DeviceRule, parseRule } from '../../../linux/cgroups/device-program.ts';
import { readDevice } from '../../../linux/device-nodes.ts';
import * as schema from '../../../wire/schema/mesos.ts';
import { messageParam } from '../../message-param.ts';
import { cgroupParameters } from '../define.ts';
import { createCgroupIsolator } from '../isolator.ts';
import { openDeviceLists } from './open-lists.ts';

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
].map(parseRule);

/** Closes all devices to a container but the usual ones and `--allowed_devices`. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/devices',
  description: 'Only allowed devices can be opened',
  parameters: {
    ...cgroupParameters,
    allowed_devices: messageParam(schema.DeviceWhitelist),
    launcher_dir: param.string(),
  },
  create: (context, settings) => {
    const rules = [...always, ...readAllowed(settings.allowed_devices)];
    let lists: DeviceLists | undefined;
    return createCgroupIsolator({
      name: 'cgroups/devices',
      // On version 2 there is no controller: the kernel asks a program of ours.
      controllers: { v1: ['devices'], v2: [] },
      settings,
      log: context.log,
      subsystem: {
        create(_rootOf, version) {
          lists = openDeviceLists(version, settings.launcher_dir, context);
        },
        prepare: async (group) => lists?.replace(group.directory('devices'), rules),
      },
    });
  },
});

function readAllowed(whitelist: DeviceWhitelist | undefined): DeviceRule[] {
  return (whitelist?.allowedDevices ?? []).map(readRule);
}

function readRule({ device, access: { read, write, mknod } }: DeviceAccess): DeviceRule {
  const { path } = device;
  if (path === undefined) throw new Error('Whitelisted device has no device path provided');
  const access = `${read ? 'r' : ''}${write ? 'w' : ''}${mknod ? 'm' : ''}`;
  if (access === '') {
    throw new Error(`Could not whitelist device '${path}' without any access privileges`);
  }
  const { kind, major, minor } = readDevice(path);
  return { type: kind, major, minor, access };
}
