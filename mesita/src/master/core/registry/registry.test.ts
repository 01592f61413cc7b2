import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyOperation } from './apply-operation.ts';
import { changesOf } from './changes-of.ts';
import { decodeRecords, encodeChange, encodeRecords } from './encoding.ts';
import type { RegistryOperation } from './operation.ts';
import { applyChanges, createRecords, type RegistryRecords } from './records.ts';
import { fromWhole, toWhole, type WholeRegistry } from './whole.ts';

const id = fc.constantFrom('a', 'b', 'c').map((value) => ({ value }));
const time = fc.nat(1000).map((value) => ({ nanoseconds: BigInt(value) * 1_000_000n }));
const role = fc.constantFrom('*', 'web', 'web/prod');
const machine = fc.record({
  hostname: fc.constantFrom('h1', 'H1', 'h2'),
  ip: fc.constant('10.0.0.1'),
});
const info = fc.record({
  id,
  hostname: fc.constantFrom('h1', 'h2'),
  resources: fc.constantFrom(
    [],
    [{ name: 'cpus', type: 'SCALAR' as const, scalar: { value: 2 } }],
    [
      {
        ...{ name: 'disk', type: 'SCALAR' as const, scalar: { value: 5 } },
        reservations: [
          { role: 'web', type: 'STATIC' as const },
          { role: 'web/prod', type: 'DYNAMIC' as const, principal: 'p' },
        ],
      },
    ],
  ),
});
const amounts = fc.constantFrom({}, { cpus: { value: 0 } }, { cpus: { value: 3 } });

const operation: fc.Arbitrary<RegistryOperation> = fc.oneof(
  fc.record({ type: fc.constant('AdmitAgent' as const), info }),
  fc.record({ type: fc.constant('UpdateAgent' as const), info }),
  fc.record({ type: fc.constant('RemoveAgent' as const), id }),
  fc.record({ type: fc.constant('MarkAgentUnreachable' as const), id, time }),
  fc.record({ type: fc.constant('MarkAgentReachable' as const), info }),
  fc.record({ type: fc.constant('MarkAgentGone' as const), id, time }),
  fc.record({
    type: fc.constant('Prune' as const),
    unreachable: fc.array(id, { maxLength: 2 }),
    gone: fc.array(id, { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('DrainAgent' as const),
    id,
    maxGracePeriod: fc.option(time, { nil: undefined }),
    markGone: fc.boolean(),
  }),
  fc.record({ type: fc.constant('MarkAgentDrained' as const), id }),
  fc.record({ type: fc.constant('DeactivateAgent' as const), id }),
  fc.record({ type: fc.constant('ReactivateAgent' as const), id }),
  fc.record({
    type: fc.constant('UpdateMaintenanceSchedule' as const),
    schedule: fc.record({
      windows: fc.array(
        fc.record({
          machineIds: fc.array(machine, { minLength: 1, maxLength: 2 }),
          unavailability: fc.record({ start: time }),
        }),
        { maxLength: 2 },
      ),
    }),
  }),
  fc.record({ type: fc.constant('StartMaintenance' as const), machines: fc.array(machine) }),
  fc.record({ type: fc.constant('StopMaintenance' as const), machines: fc.array(machine) }),
  fc.record({
    type: fc.constant('UpdateWeights' as const),
    weights: fc.array(fc.record({ role, weight: fc.constantFrom(1, 2.5) }), { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('UpdateQuota' as const),
    configs: fc.array(fc.record({ role, guarantees: amounts, limits: amounts }), { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('RecordCapabilities' as const),
    capabilities: fc.subarray(['AGENT_UPDATE', 'QUOTA_V2']),
  }),
  fc.record({ type: fc.constant('ExpectFramework' as const), id, until: time }),
  fc.record({ type: fc.constant('ForgetFramework' as const), id }),
);

/** What a registry says, whatever the order of its lists. */
function saidBy(registry: WholeRegistry): unknown {
  const records = fromWhole(registry);
  return [...encodeRecords(records)]
    .map(([key, bytes]) => `${key} ${Buffer.from(bytes).toString('hex')}`)
    .sort();
}

function perform(records: RegistryRecords, stored: Map<string, Uint8Array>, op: RegistryOperation) {
  const changes = changesOf(records, op);
  if (!changes.ok) return;
  applyChanges(records, changes.value);
  for (const [key, bytes] of changes.value.map(encodeChange)) {
    if (bytes) stored.set(key, bytes);
    else stored.delete(key);
  }
}

test('what is stored change by change is what the operations made of the whole', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const records = createRecords();
      const stored = new Map<string, Uint8Array>();
      let whole: WholeRegistry = {};
      for (const op of operations) {
        perform(records, stored, op);
        const next = applyOperation(whole, op);
        if (next.ok) whole = next.value;
      }
      const reloaded = decodeRecords(stored);
      if (!reloaded.ok) throw new Error(reloaded.error);
      const said = saidBy(whole);
      expect(saidBy(toWhole(records))).toEqual(said);
      expect(saidBy(toWhole(reloaded.value))).toEqual(said);
      const { agents, unreachable, gone } = reloaded.value;
      const everywhere = [...agents.keys(), ...unreachable.keys(), ...gone.keys()];
      expect(new Set(everywhere).size).toBe(everywhere.length);
      expect([...gone.values()].map(({ timestamp }) => timestamp.nanoseconds)).toEqual(
        [...gone.values()]
          .map(({ timestamp }) => timestamp.nanoseconds)
          .sort((a, b) => Number(a - b)),
      );
    }),
    { numRuns: 500 },
  );
});

function after(operations: readonly RegistryOperation[]): WholeRegistry {
  const records = createRecords();
  for (const op of operations) perform(records, new Map(), op);
  return toWhole(records);
}

const x = { value: 'x' };
const at = (seconds: number) => ({ nanoseconds: BigInt(seconds) * 1_000_000_000n });
const admitted: RegistryOperation = { type: 'AdmitAgent', info: { id: x, hostname: 'h' } };

test('draining follows an agent that is away, and ends the requirement with the last one', () => {
  const drained = after([
    admitted,
    { type: 'DrainAgent', id: x, maxGracePeriod: at(5), markGone: true },
    { type: 'MarkAgentUnreachable', id: x, time: at(1) },
    { type: 'MarkAgentDrained', id: x },
  ]);
  expect(drained).toMatchObject({
    unreachable: {
      agents: [
        {
          deactivated: true,
          drainInfo: { state: 'DRAINED', config: { markGone: true, maxGracePeriod: at(5) } },
        },
      ],
    },
    minimumCapabilities: [{ capability: 'AGENT_DRAINING' }],
  });
  const back = applyOperation(drained, { type: 'ReactivateAgent', id: x });
  expect(back.ok && back.value.minimumCapabilities).toBeUndefined();
  expect(applyOperation({}, { type: 'MarkAgentDrained', id: x })).toEqual({ ok: true, value: {} });
  expect(applyOperation(after([admitted]), { type: 'MarkAgentDrained', id: x })).toEqual({
    ok: false,
    error: 'Agent x is not DRAINING',
  });
});

test('machines follow the schedule', () => {
  const window = (...machineIds: { hostname: string }[]) => ({
    machineIds,
    unavailability: { start: at(9) },
  });
  const [one, two] = [{ hostname: 'one' }, { hostname: 'two' }];
  const schedule: RegistryOperation = {
    type: 'UpdateMaintenanceSchedule',
    schedule: { windows: [window(one, two)] },
  };
  const modes = (registry: WholeRegistry) =>
    registry.machines?.machines?.map(({ info }) => [info.id.hostname, info.mode]);
  expect(modes(after([schedule]))).toEqual([
    ['one', 'DRAINING'],
    ['two', 'DRAINING'],
  ]);
  const down: RegistryOperation = { type: 'StartMaintenance', machines: [{ hostname: 'ONE' }] };
  expect(modes(after([schedule, down, schedule]))).toEqual([
    ['one', 'DOWN'],
    ['two', 'DRAINING'],
  ]);
  const up = after([schedule, down, { type: 'StopMaintenance', machines: [one] }]);
  expect(up.schedules).toEqual([{ windows: [window(two)] }]);
  const none = after([schedule, { type: 'StopMaintenance', machines: [one, two] }]);
  expect([none.schedules, none.machines]).toEqual([undefined, { machines: [] }]);
});

test('records that cannot be read are told, by name', () => {
  expect([
    decodeRecords(new Map([['agents/x', Uint8Array.of(10, 200)]])),
    decodeRecords(new Map([['wonders/x', Uint8Array.of()]])),
    decodeRecords(new Map([['registry', Uint8Array.of(1)]])),
  ]).toMatchSnapshot();
});
