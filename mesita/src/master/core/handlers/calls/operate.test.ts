import type { StreamId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Offer, OperationStatus, Resource } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { brokenInvariants } from '../../testing/invariants.ts';
import {
  agentInfo,
  agentPid,
  createWorld,
  offer,
  register,
  subscribe,
  taskInfo,
} from '../../testing/world.ts';

const stream = 'stream' as StreamId;
const reserved: Resource = {
  name: 'disk',
  type: 'SCALAR',
  scalar: { value: 64 },
  reservations: [{ type: 'DYNAMIC', role: 'r' }],
};
const volume: Resource = {
  ...reserved,
  disk: { persistence: { id: 'v' }, volume: { mode: 'RW', containerPath: 'data' } },
};
const RESERVE: Offer.Operation = { type: 'RESERVE', reserve: { resources: [reserved] } };
const CREATE: Offer.Operation = { type: 'CREATE', create: { volumes: [volume] } };
const DESTROY: Offer.Operation = { type: 'DESTROY', destroy: { volumes: [volume] } };
const named = (value: string, operation: Offer.Operation) => ({ ...operation, id: { value } });

function scene() {
  const world = createWorld();
  const resources = [...parsed('cpus:4;mem:1024;disk:1000')];
  const agentId = register(world, { ...agentInfo, resources });
  const info = { roles: ['r'], capabilities: [{ type: 'MULTI_ROLE' as const }] };
  const id = subscribe(world, info);
  const agent = world.state.agents.registered.get(agentId)!;
  world.clear();
  return {
    world,
    agent,
    framework: world.state.frameworks.registered.get(id)!,
    accept(resources: string | Resources, ...operations: Offer.Operation[]) {
      const { id: offerId } = offer(world, id, agentId, resources, 'r');
      world.clear();
      const call = { offerIds: [offerId], operations };
      world.call({ type: 'ACCEPT', frameworkId: { value: id }, accept: call }, stream);
      expect(brokenInvariants(world.state)).toEqual([]);
    },
    sentToAgent: () => world.sent.filter(({ to }) => to === agentPid).map(({ message }) => message),
    told: () => world.events(stream).flatMap((event) => event.updateOperationStatus?.status ?? []),
    answer(status: Partial<OperationStatus> & Pick<OperationStatus, 'state'>) {
      const [record] = agent.operations.values();
      const message = { agentId: { value: agentId }, frameworkId: { value: id }, status };
      const { uuid } = record!.operation;
      world.step({
        type: 'UpdateOperationStatus',
        from: agentPid,
        message: { ...message, operationUuid: uuid },
      });
    },
  };
}

function parsed(text: string): Resources {
  const resources = Resources.parse(text);
  if (!resources.ok) throw new Error(resources.error);
  return resources.value;
}

const uuid = { value: new Uint8Array(16).fill(7) };

test('what is reserved, created and used in one ACCEPT is sent in that order, and taken for done', () => {
  const { accept, sentToAgent, agent } = scene();
  const task = taskInfo('t', agent.id, {
    resources: [...parsed('cpus:1;mem:32'), volume],
  });
  accept('cpus:1;mem:64;disk:100', RESERVE, CREATE, {
    type: 'LAUNCH',
    launch: { taskInfos: [task] },
  });
  expect(sentToAgent().map(({ name }) => name)).toEqual([
    'ApplyOperationMessage',
    'ApplyOperationMessage',
    'RunTaskMessage',
  ]);
  expect(agent.checkpointed.toMessages('post')).toEqual([volume]);
  expect(agent.total.thousandths('disk')).toBe(1_000_000);
  expect(agent.operations.size).toBe(2);
});

test('the allocator learns what became of the offer, and what was made of it is not declined', () => {
  const { accept, world } = scene();
  accept('disk:100', RESERVE);
  const [update, , made, declined] = world.calls;
  expect(update?.method).toBe('updateAllocation');
  expect(String(made?.arguments[2])).toContain('DYNAMIC');
  expect(String(declined?.arguments[2])).toBe('disk(allocated: r):36');
});

test('an end with an id is told to its framework, which acknowledges it', () => {
  const { accept, answer, told, sentToAgent, agent, framework, world } = scene();
  accept('disk:100', named('o', RESERVE));
  answer({ state: 'OPERATION_FINISHED', uuid });
  const status = { state: 'OPERATION_FINISHED', operationId: { value: 'o' }, uuid };
  expect(told()).toEqual([status]);
  const agentId = { value: agent.id };
  const acknowledgeOperationStatus = { agentId, operationId: { value: 'o' }, uuid: uuid.value };
  const call = { type: 'ACKNOWLEDGE_OPERATION_STATUS' as const, acknowledgeOperationStatus };
  world.call({ ...call, frameworkId: { value: framework.id } }, stream);
  expect(sentToAgent().at(-1)).toMatchObject({
    name: 'AcknowledgeOperationStatusMessage',
    body: { statusUuid: uuid },
  });
  expect([agent.operations.size, framework.operations.size]).toEqual([0, 0]);
});

test('nobody waits for an end without an id: the master acknowledges it', () => {
  const { accept, answer, told, sentToAgent, agent } = scene();
  accept('disk:100', RESERVE);
  answer({ state: 'OPERATION_FINISHED', uuid });
  expect(told()).toEqual([]);
  expect(sentToAgent().at(-1)?.name).toBe('AcknowledgeOperationStatusMessage');
  expect(agent.operations.size).toBe(0);
});

test('what was offered does not hold it: dropped, and told to whom gave an id', () => {
  const { accept, told, sentToAgent } = scene();
  accept('disk:10', named('o', RESERVE), RESERVE);
  expect(told()).toEqual([
    {
      operationId: { value: 'o' },
      state: 'OPERATION_ERROR',
      message: 'disk(allocated: r):10 does not contain disk(allocated: r):64',
    },
  ]);
  expect(sentToAgent()).toEqual([]);
});

test('a volume that is destroyed is offered to nobody any more', () => {
  const { accept, agent, world, framework } = scene();
  accept('disk:100', RESERVE, CREATE);
  const held = Resources.of([volume]).allocate('r');
  const other = offer(world, framework.id, agent.id, held, 'r');
  accept(held, DESTROY);
  expect(world.events(stream)).toContainEqual({ type: 'RESCIND', rescind: { offerId: other.id } });
  expect(agent.checkpointed.toMessages('post')).toEqual([reserved]);
});

test('an agent that does not mention an operation is asked about it', () => {
  const { accept, agent, world, sentToAgent, answer, told } = scene();
  accept('disk:100', named('o', RESERVE));
  const [key] = agent.operations.keys();
  const agentId = { value: agent.id };
  world.step({ type: 'UpdateAgent', from: agentPid, message: { agentId, operations: {} } });
  expect(sentToAgent().at(-1)?.name).toBe('ReconcileOperationsMessage');
  answer({ state: 'OPERATION_DROPPED' });
  expect(told().map(({ state, operationId }) => [state, operationId?.value])).toEqual([
    ['OPERATION_DROPPED', 'o'],
  ]);
  expect(agent.operations.has(key!)).toBe(false);
});
