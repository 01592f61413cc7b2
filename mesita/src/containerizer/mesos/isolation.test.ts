import { expect, test } from 'vitest';
import { createIsolators, planIsolators } from './isolation.ts';

// Numbers are those of the rules by which Mesos builds its list: 1 duplicates, 2 old names, 3 and 4
// conflicts, 5 and 6 what is implied, 8 the order, 10 modules, 11 and 13 what cannot be made. Not held
// to: 4 and 5 imply `network/cni` and `volume/image`, which are not built; 9, an isolator without a
// subsystem, would do nothing; 12, the switchboard is no isolator here. 7 is a check of flags.

test.each([
  ['', ['filesystem/posix', 'environment_secret'], []],
  ['process', ['filesystem/posix', 'posix/cpu', 'posix/mem', 'environment_secret'], []],
  ['posix/disk', ['filesystem/posix', 'disk/du', 'environment_secret'], []],
  [
    'cgroups,linux/nnp,posix/cpu',
    [
      'filesystem/posix',
      'posix/cpu',
      'cgroups/cpu',
      'cgroups/mem',
      'linux/nnp',
      'environment_secret',
    ],
    [],
  ],
  // The table's order, not the flag's; modules last, in the flag's order.
  [
    'org_z,disk/du,posix/mem,org_a,posix/cpu,filesystem/posix',
    ['filesystem/posix', 'posix/cpu', 'posix/mem', 'disk/du', 'environment_secret'],
    ['org_z', 'org_a'],
  ],
  [
    'filesystem/linux,network/ports,network/cni',
    [
      'filesystem/linux',
      'volume/sandbox_path',
      'volume/host_path',
      'network/cni',
      'network/ports',
      'environment_secret',
    ],
    [],
  ],
])('rules 2, 3, 5, 6, 8, 10: %s', (flag, builtins, modules) => {
  expect(planIsolators(flag)).toEqual({ builtins, modules });
});

test.each([
  ['posix/cpu,posix/cpu', "Duplicate entries found in --isolation flag '[ posix/cpu, posix/cpu ]'"],
  [
    'filesystem/posix,filesystem/linux',
    'Using multiple filesystem isolators simultaneously is disallowed',
  ],
  [
    'network/cni,network/port_mapping',
    'Using multiple network isolators simultaneously is disallowed',
  ],
])('rules 1, 3, 4: %s is refused', (flag, text) => {
  expect(() => planIsolators(flag)).toThrow(text);
});

test('rules 11, 13: what cannot be made says so', async () => {
  const create = async (name: string) => {
    if (name === 'posix/cpu') throw new Error('no /proc');
    return name === 'foo' || name === 'network/cni' ? undefined : {};
  };
  await expect(createIsolators('foo', create)).rejects.toThrow(
    "Unknown or unsupported isolator 'foo'",
  );
  await expect(createIsolators('posix/cpu', create)).rejects.toThrow(
    "Failed to create isolator 'posix/cpu': no /proc",
  );
  await expect(createIsolators('network/cni', create)).rejects.toThrow(
    "Failed to create isolator 'network/cni': not supported yet",
  );
});
