import { defineModule, ModuleSkipped, param } from '@mesita/sdk/module';
import type { DeviceAccess, DeviceWhitelist } from '@mesita/sdk/types';
import { type CgroupCompanion, createCgroupCompanion } from '../../../linux/cgroups/companion.ts';
import {
  compileDevices,
  type DeviceRule,
  formatRule,
  parseRule,
} from '../../../linux/cgroups/device-program.ts';
import { writeGroupFile } from '../../../linux/cgroups/groups.ts';
import { readDevice } from '../../../linux/device-nodes.ts';
import { nativeLauncherPath } from '../../../linux/launcher/native-path.ts';
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
  create: ({ log, signal }, settings) => {
    const rules = [...always, ...readAllowed(settings.allowed_devices)];
    let companion: CgroupCompanion | undefined;
    return createCgroupIsolator({
      name: 'cgroups/devices',
      // On version 2 there is no controller: the kernel asks a program of ours.
      controllers: { v1: ['devices'], v2: [] },
      settings,
      log,
      subsystem: {
        create(_rootOf, version) {
          if (version === 1) return;
          const program = nativeLauncherPath(settings.launcher_dir);
          if (!program) throw new ModuleSkipped('Devices on cgroups v2 need the compiled launcher');
          companion = createCgroupCompanion(program, log);
          signal.addEventListener('abort', () => void companion?.close(), { once: true });
        },
        async prepare(group) {
          const directory = group.directory('devices');
          if (companion) return companion.filterDevices(directory, compileDevices(rules));
          await writeGroupFile(directory, 'devices.deny', 'a *:* rwm');
          for (const rule of rules) {
            await writeGroupFile(directory, 'devices.allow', formatRule(rule));
          }
        },
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
