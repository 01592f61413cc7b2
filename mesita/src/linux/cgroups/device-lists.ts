import type { DeviceNumbers } from '../device-nodes.ts';
import type { CgroupCompanion } from './companion.ts';
import { compileDevices, type DeviceRule, formatRule, parseRule } from './device-program.ts';
import { readGroupFile, writeGroupFile } from './groups.ts';

/** What may be opened in a group is one list, whoever adds to it. It is the group's, and ends with it. */
export interface DeviceLists {
  /** From now on these and nothing else. */
  replace(directory: string, rules: readonly DeviceRule[]): Promise<void>;
  /** Single devices, whole, besides what is in the list. */
  allow(directory: string, devices: readonly DeviceNumbers[]): Promise<void>;
  deny(directory: string, devices: readonly DeviceNumbers[]): Promise<void>;
  /** Those that are in the list, also when an earlier agent allowed them. */
  find<D extends DeviceNumbers>(directory: string, devices: readonly D[]): Promise<D[]>;
}

const nameOf = ({ kind, major, minor }: DeviceNumbers): string => `${kind} ${major}:${minor} `;
const lineOf = (device: DeviceNumbers): string => `${nameOf(device)}rwm`;

/** Version 1: the kernel keeps the list. */
export const kernelDeviceLists: DeviceLists = {
  async replace(directory, rules) {
    await writeLines(directory, 'devices.deny', ['a *:* rwm']);
    await writeLines(directory, 'devices.allow', rules.map(formatRule));
  },
  allow: (directory, devices) => writeLines(directory, 'devices.allow', devices.map(lineOf)),
  deny: (directory, devices) => writeLines(directory, 'devices.deny', devices.map(lineOf)),
  async find(directory, devices) {
    const lines = readGroupFile(directory, 'devices.list').split('\n');
    return devices.filter((device) => lines.includes(lineOf(device)));
  },
};

async function writeLines(directory: string, file: string, lines: readonly string[]) {
  for (const line of lines) await writeGroupFile(directory, file, line);
}

/** Version 2: a program is made of the list, and replaced as a whole. The list is noted beside it. */
export function createProgramDeviceLists(
  companion: Pick<CgroupCompanion, 'filterDevices' | 'readDeviceList'>,
): DeviceLists {
  let changed: Promise<void> = Promise.resolve();

  const read = async (directory: string): Promise<string[]> =>
    (await companion.readDeviceList(directory)).split('\n').filter(Boolean);

  const write = (directory: string, lines: readonly string[]): Promise<void> =>
    companion.filterDevices(directory, lines.join('\n'), compileDevices(lines.map(parseRule)));

  async function change(
    directory: string,
    devices: readonly DeviceNumbers[],
    added: readonly string[],
  ): Promise<void> {
    if (devices.length === 0) return;
    const lines = await read(directory);
    if (lines.length === 0) throw new Error(`Nothing tells what cgroup '${directory}' may open`);
    const others = lines.filter((line) => !devices.some((each) => line.startsWith(nameOf(each))));
    await write(directory, [...others, ...added]);
  }

  /** A change reads and writes: the next one begins when that is done. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = changed.then(work);
    changed = done.catch(() => {});
    return done;
  }

  return {
    replace: (directory, rules) => write(directory, rules.map(formatRule)),
    allow: (directory, devices) => inTurn(() => change(directory, devices, devices.map(lineOf))),
    deny: (directory, devices) => inTurn(() => change(directory, devices, [])),
    async find(directory, devices) {
      const lines = await read(directory);
      return devices.filter((device) => lines.includes(lineOf(device)));
    },
  };
}
