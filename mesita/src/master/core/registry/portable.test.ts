import { expect, test } from 'vitest';
import { printRegistry, readRegistry } from './portable.ts';
import type { WholeRegistry } from './whole.ts';

const at = (nanoseconds: bigint) => ({ nanoseconds });
const agent = (value: string) => ({ info: { hostname: 'h', id: { value } } });
const machine = { hostname: 'h1', ip: '10.0.0.1' };
const unavailability = { start: at(1_700_000_000_123_456_789n), duration: at(3_600_000_000_000n) };

const registry: WholeRegistry = {
  master: { info: { id: 'm', ip: 16_777_343, port: 5050 } },
  agents: { agents: [{ ...agent('a'), deactivated: true }] },
  unreachable: { agents: [{ id: { value: 'b' }, timestamp: at(1_700_000_000_123_456_789n) }] },
  gone: { agents: [{ id: { value: 'c' }, timestamp: at(5n) }] },
  machines: { machines: [{ info: { id: machine, mode: 'DRAINING', unavailability } }] },
  schedules: [{ windows: [{ machineIds: [machine], unavailability }] }],
  weights: [{ info: { role: 'web', weight: 2.5 } }],
  quotaConfigs: [{ role: 'web', guarantees: { cpus: { value: 1 } } }],
  minimumCapabilities: [{ capability: 'QUOTA_V2' }],
  frameworks: [{ id: { value: 'f' }, until: at(1_700_000_000_123_456_789n) }],
};

test('what is printed is read again, to the nanosecond', () => {
  const text = printRegistry(registry);
  expect(text).toContain('"nanoseconds": 1700000000123456789');
  const again = readRegistry(text);
  expect(again.ok && printRegistry(again.value)).toBe(text);
  expect(readRegistry('{}')).toEqual({ ok: true, value: expect.anything() });
});

test('a registry as a C++ master printed it', () => {
  const text = JSON.stringify({
    gone: { slaves: [{ id: { value: 'g' }, timestamp: { nanoseconds: 9 } }] },
    machines: {},
    master: {
      info: {
        address: { hostname: 'l', ip: '127.0.0.1', port: 5050 },
        hostname: 'l',
        id: 'm',
        ip: 1,
        pid: 'master@127.0.0.1:5050',
        port: 5050,
        version: '1.11.0',
      },
    },
    quota_configs: [
      { role: 'sq2', guarantees: { cpus: { value: 0.0 } }, limits: { cpus: { value: 0.0 } } },
    ],
    schedules: [{}],
    slaves: {
      slaves: [
        {
          deactivated: false,
          info: {
            checkpoint: true,
            hostname: 'l',
            id: { value: 'a' },
            port: 5051,
            resources: [{ name: 'cpus', role: '*', scalar: { value: 4.0 }, type: 'SCALAR' }],
          },
        },
      ],
    },
    weights: [{ info: { role: 'inf', weight: 'Infinity' } }],
  });
  const read = readRegistry(text);
  expect(read).toMatchObject({
    ok: true,
    value: { agents: { agents: [{ info: { id: { value: 'a' }, port: 5051 } }] } },
  });
});

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['a member of a newer version', '{"wings": 1}'],
  ['a member deep inside', '{"slaves": {"slaves": [{"info": {"hostname": "h", "tail": 1}}]}}'],
  ['an agent without an id', '{"slaves": {"slaves": [{"info": {"hostname": "h"}}]}}'],
  ['an agent in two lists', printRegistry({ ...registry, agents: { agents: [agent('b')] } })],
  [
    'a machine twice',
    printRegistry({
      ...registry,
      machines: {
        machines: [
          ...registry.machines!.machines!,
          { info: { id: { ...machine, hostname: 'H1' } } },
        ],
      },
    }),
  ],
  ['a scheduled machine that is missing', printRegistry({ ...registry, machines: undefined })],
  ['a weight of nothing', printRegistry({ weights: [{ info: { role: 'r', weight: 0 } }] })],
  ['a role that cannot be', printRegistry({ quotaConfigs: [{ role: 'a//b' }] })],
  ['frameworks that are none', '{"frameworks": [1]}'],
])('%s is refused', (_, text) => {
  expect(readRegistry(text)).toMatchSnapshot();
});
