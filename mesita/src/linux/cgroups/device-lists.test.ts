import { expect, test } from 'vitest';
import type { DeviceNumbers } from '../device-nodes.ts';
import { createProgramDeviceLists } from './device-lists.ts';
import { compileDevices, parseRule } from './device-program.ts';

const gpu = (minor: number): DeviceNumbers => ({ kind: 'c', major: 195, minor });
const usual = ['c *:* m', 'c 1:3 rwm'].map(parseRule);

/** Version 2's groups, as far as they know of devices. */
function createGroups() {
  const lists = new Map<string, string>();
  const programs = new Map<string, Uint8Array>();
  return {
    lines: (group: string) => lists.get(group)?.split('\n'),
    program: (group: string) => programs.get(group),
    companion: {
      readDeviceList: async (group: string) => lists.get(group) ?? '',
      async filterDevices(group: string, list: string, program: Uint8Array) {
        lists.set(group, list);
        programs.set(group, program);
      },
    },
  };
}

test('two isolators speak of one list', async () => {
  const groups = createGroups();
  await createProgramDeviceLists(groups.companion).replace('/a', usual);
  const lists = createProgramDeviceLists(groups.companion);
  await lists.allow('/a', [gpu(0), gpu(1)]);
  await lists.deny('/a', [gpu(0)]);
  expect(groups.lines('/a')).toEqual(['c *:* m', 'c 1:3 rwm', 'c 195:1 rwm']);
  expect(groups.program('/a')).toEqual(
    compileDevices(['c *:* m', 'c 1:3 rwm', 'c 195:1 rwm'].map(parseRule)),
  );
});

test('what an earlier agent allowed is found', async () => {
  const { companion } = createGroups();
  const before = createProgramDeviceLists(companion);
  await before.replace('/a', usual);
  await before.allow('/a', [gpu(1), gpu(11)]);
  const lists = createProgramDeviceLists(companion);
  expect(await lists.find('/a', [gpu(0), gpu(1), gpu(2)])).toEqual([gpu(1)]);
  expect(await lists.find('/unknown', [gpu(0)])).toEqual([]);
});

test('changes at the same time are all made', async () => {
  const groups = createGroups();
  const lists = createProgramDeviceLists(groups.companion);
  await lists.replace('/a', usual);
  await Promise.all([0, 1, 2].map((minor) => lists.allow('/a', [gpu(minor)])));
  expect(await lists.find('/a', [gpu(0), gpu(1), gpu(2)])).toHaveLength(3);
});

test('a group of which nothing is known is left alone', async () => {
  const groups = createGroups();
  const lists = createProgramDeviceLists(groups.companion);
  await lists.allow('/a', []);
  await expect(lists.allow('/a', [gpu(0)])).rejects.toThrow(
    "Nothing tells what cgroup '/a' may open",
  );
  expect(groups.program('/a')).toBeUndefined();
  await lists.replace('/a', usual);
  await lists.allow('/a', [gpu(0)]);
  expect(await lists.find('/a', [gpu(0)])).toEqual([gpu(0)]);
});
