import type { Offer, Resource } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { createScene, type Scene } from '../../../../test/unit/agent/scene.ts';
import type { UpdateOperationStatusMessage } from '../../../wire/types/internal.ts';

const reserved: Resource = {
  name: 'cpus',
  type: 'SCALAR',
  scalar: { value: 1 },
  reservations: [{ type: 'DYNAMIC', role: 'r' }],
};
const info = { hostname: 'here', port: 5051 };
const cpus: Resource = { name: 'cpus', type: 'SCALAR', scalar: { value: 4 } };
const own = { info: { ...info, resources: [cpus] } };
const RESERVE: Offer.Operation = {
  type: 'RESERVE',
  id: { value: 'o' },
  reserve: { resources: [{ ...reserved, allocationInfo: { role: 'r' } }] },
};
const uuid = (byte: number) => ({ value: new Uint8Array(16).fill(byte) });

function apply(scene: Scene, operationInfo: Offer.Operation, byte = 1): void {
  scene.fromMaster('ApplyOperationMessage', {
    frameworkId: { value: 'F' },
    operationInfo,
    operationUuid: uuid(byte),
    resourceVersionUuid: { uuid: uuid(0) },
  });
}

const updates = (scene: Scene): UpdateOperationStatusMessage[] =>
  scene.sent.flatMap(({ name, body }) =>
    name === 'UpdateOperationStatusMessage' ? [body as UpdateOperationStatusMessage] : [],
  );

function registered(world?: Scene['world']): Scene {
  const scene = createScene(own, world);
  scene.register();
  return scene;
}

test('what is reserved is on the disk before it is told, and told until it is acknowledged', () => {
  const scene = registered();
  apply(scene, RESERVE);
  const [told] = updates(scene);
  expect(told?.status).toMatchObject({ state: 'OPERATION_FINISHED', operationId: { value: 'o' } });
  expect(scene.world.disk.at(-1)).toMatchObject({ before: [], resources: [reserved] });
  scene.wait(10_000);
  scene.wait(20_000);
  expect(updates(scene)).toHaveLength(3);
  const statusUuid = told?.status.uuid ?? uuid(0);
  scene.fromMaster('AcknowledgeOperationStatusMessage', { operationUuid: uuid(1), statusUuid });
  expect(scene.state.operations.size).toBe(0);
  expect(scene.world.disk.at(-1)).toMatchObject({ resources: [reserved], operations: [] });
  scene.wait(1_000_000);
  expect(updates(scene)).toHaveLength(3);
});

test('the same operation twice is done once; an acknowledgement of another status changes nothing', () => {
  const scene = registered();
  apply(scene, RESERVE);
  apply(scene, RESERVE);
  expect(scene.state.checkpointed.thousandths('cpus')).toBe(1000);
  const acknowledgement = { operationUuid: uuid(1), statusUuid: uuid(9) };
  scene.fromMaster('AcknowledgeOperationStatusMessage', acknowledgement);
  expect(scene.state.operations.size).toBe(1);
});

test('the next agent has what was reserved, says so, and goes on telling', () => {
  const before = registered();
  apply(before, RESERVE);
  const after = registered(before.world);
  const registration = after.sent.find(({ name }) => name === 'ReregisterSlaveMessage');
  expect(registration?.body).toMatchObject({ checkpointedResources: [reserved] });
  expect(updates(after).map(({ status }) => status.state)).toEqual(['OPERATION_FINISHED']);
});

test('what cannot be done is dropped', () => {
  const scene = registered();
  const resources = [{ ...reserved, scalar: { value: 40 } }];
  apply(scene, { type: 'RESERVE', reserve: { resources } });
  const disk = { ...reserved, disk: { persistence: { id: '..' } } };
  apply(scene, { type: 'CREATE', create: { volumes: [disk] } }, 2);
  expect(updates(scene).map(({ status }) => [status.state, status.message])).toEqual([
    ['OPERATION_DROPPED', 'cpus:4 does not contain cpus:40'],
    ['OPERATION_DROPPED', 'Volume has no place on this agent'],
  ]);
  expect(scene.state.operations.size).toBe(0);
});

test('what the master asks about and the agent never got is dropped; what it knows needs no answer', () => {
  const scene = registered();
  apply(scene, RESERVE);
  const known = updates(scene).length;
  const operations = [{ operationUuid: uuid(1) }, { operationUuid: uuid(2) }];
  scene.fromMaster('ReconcileOperationsMessage', { operations });
  expect(updates(scene).slice(known)).toMatchObject([
    { operationUuid: uuid(2), status: { state: 'OPERATION_DROPPED' } },
  ]);
});

test('a framework that asks is told the latest', () => {
  const scene = registered();
  apply(scene, RESERVE);
  const frameworkId = { value: 'F' };
  scene.fromMaster('ReconcileOperationsMessage', {
    frameworkId,
    operations: [{ operationUuid: uuid(1) }],
  });
  const { status } = updates(scene).at(-1)!;
  expect([status.state, status.uuid]).toEqual(['OPERATION_FINISHED', undefined]);
});

test('a master from before operations says what shall be there', () => {
  const scene = registered();
  scene.fromMaster('CheckpointResourcesMessage', { resources: [reserved] });
  expect(scene.state.checkpointed.toMessages('post')).toEqual([reserved]);
  const tooMuch = { ...reserved, scalar: { value: 40 } };
  scene.fromMaster('CheckpointResourcesMessage', { resources: [tooMuch] });
  expect(scene.state.checkpointed.toMessages('post')).toEqual([reserved]);
});
