import type { AgentId, StreamId } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
import { describe, expect, test } from 'vitest';
import {
  createWorld,
  offer,
  register,
  subscribe,
  taskInfo,
  type WorldOptions,
} from '../../testing/world.ts';

const stream = 'stream' as StreamId;

function subscribed(options: WorldOptions = {}, capabilities: string[] = []) {
  const world = createWorld(options);
  const agentId = register(world);
  const id = subscribe(world, { capabilities: capabilities.map((type) => ({ type }) as never) });
  world.clear();
  const call = (body: scheduler.Call) =>
    world.call({ ...body, frameworkId: { value: id } }, stream);
  const statuses = () =>
    world.events(stream).map(({ update }) => {
      const { state, message, agentId: agent, unreachableTime } = update?.status ?? {};
      return [state, message, agent?.value, unreachableTime?.nanoseconds].filter(
        (part) => part !== undefined,
      );
    });
  return { world, agentId, id, call, statuses };
}

describe('RECONCILE', () => {
  const registry = {
    unreachable: { agents: [{ id: { value: 'away' }, timestamp: { nanoseconds: 5n } }] },
    gone: { agents: [{ id: { value: 'gone' }, timestamp: { nanoseconds: 6n } }] },
  };
  const ask = (agentId?: string) => ({
    taskId: { value: 'nosuch' },
    agentId: agentId === undefined ? undefined : { value: agentId },
  });

  test('of a task that nobody knows depends on its agent', () => {
    const { call, statuses, agentId } = subscribed({ registry }, ['PARTITION_AWARE']);
    const tasks = [ask(), ask(agentId), ask('away'), ask('gone'), ask('nosuch')];
    call({ type: 'RECONCILE', reconcile: { tasks } });
    expect(statuses()).toEqual([
      ['TASK_UNKNOWN', 'Reconciliation: Task is unknown'],
      ['TASK_GONE', 'Reconciliation: Task is unknown to the agent', agentId],
      ['TASK_UNREACHABLE', 'Reconciliation: Task is unreachable', 'away', 5n],
      ['TASK_GONE_BY_OPERATOR', 'Reconciliation: Task is gone', 'gone'],
      ['TASK_UNKNOWN', 'Reconciliation: Task is unknown', 'nosuch'],
    ]);
  });

  test('says TASK_LOST to those who are not aware of partitions', () => {
    const { call, statuses, agentId } = subscribed({ registry });
    const tasks = [ask(), ask(agentId), ask('away'), ask('gone')];
    call({ type: 'RECONCILE', reconcile: { tasks } });
    expect(statuses().map(([state]) => state)).toEqual(Array(4).fill('TASK_LOST'));
  });

  test('waits for agents that may still come back after a failover', () => {
    const info = { hostname: 'h', id: { value: 'old' } };
    const { call, statuses } = subscribed({ registry: { agents: { agents: [{ info }] } } });
    call({ type: 'RECONCILE', reconcile: { tasks: [ask(), ask('old')] } });
    expect(statuses()).toEqual([]);
  });
});

describe('ACCEPT', () => {
  test('launches a group as one: an executor, its tasks, one message', () => {
    const { world, call, id, agentId } = subscribed();
    const { id: offerId } = offer(world, id, agentId, 'cpus:4;mem:1024;disk:100');
    const amount = (name: string, value: number) =>
      ({ name, type: 'SCALAR', scalar: { value } }) as const;
    const executor = {
      type: 'DEFAULT' as const,
      executorId: { value: 'e' },
      frameworkId: { value: id },
      resources: [amount('cpus', 0.1), amount('mem', 32), amount('disk', 10)],
    };
    const tasks = [taskInfo('a', agentId), taskInfo('b', agentId)];
    const operations = [
      { type: 'LAUNCH_GROUP' as const, launchGroup: { executor, taskGroup: { tasks } } },
    ];
    call({ type: 'ACCEPT', accept: { offerIds: [offerId], operations } });
    expect(world.events(stream).filter(({ type }) => type === 'UPDATE')).toEqual([]);
    expect(world.messages('RunTaskGroupMessage')).toMatchObject([
      {
        launchExecutor: true,
        taskGroup: { tasks: [{ executor: { executorId: { value: 'e' } } }, {}] },
      },
    ]);
    const framework = world.state.frameworks.registered.get(id);
    expect(String(framework?.totalUsed)).toBe(
      'cpus(allocated: *):2.1; mem(allocated: *):96; disk(allocated: *):10',
    );
    // The executor's end frees what it held; its tasks' ends are told by the agent.
    world.step({
      type: 'ExitedExecutor',
      from: 'slave(1)@10.0.0.2:5051' as never,
      message: {
        agentId: { value: agentId },
        frameworkId: { value: id },
        executorId: { value: 'e' },
        status: 1792,
      },
    });
    expect(String(framework?.totalUsed)).toBe('cpus(allocated: *):2; mem(allocated: *):64');
    expect(world.events(stream).at(-1)?.failure).toEqual({
      agentId: { value: agentId },
      executorId: { value: 'e' },
      status: 1792,
    });
  });

  test("never spends another framework's offer", () => {
    const { world, call, id, agentId } = subscribed();
    const other = subscribe(world, {}, 'other' as StreamId);
    const { id: offerId } = offer(world, other, agentId, 'cpus:1', '*', 'other' as StreamId);
    call({ type: 'ACCEPT', accept: { offerIds: [offerId], operations: [] } });
    call({ type: 'DECLINE', decline: { offerIds: [offerId] } });
    expect([...world.state.offers.values()].map(({ frameworkId }) => frameworkId)).toEqual([other]);
    expect(id).not.toBe(other);
  });
});

describe('other calls', () => {
  test('REVIVE and SUPPRESS with one foreign role do nothing', () => {
    const { world, call } = subscribed();
    call({ type: 'SUPPRESS', suppress: { roles: ['*', 'other'] } });
    call({ type: 'REVIVE', revive: { roles: ['/'] } });
    expect(world.calls).toEqual([]);
    call({ type: 'SUPPRESS', suppress: {} });
    call({ type: 'REVIVE' });
    expect(world.calls.map(({ method }) => method)).toEqual(['suppressOffers', 'reviveOffers']);
  });

  test('UPDATE_FRAMEWORK answers with its outcome and changes all or nothing', () => {
    const { world, call, id } = subscribed();
    const update = (rest: object) =>
      call({
        type: 'UPDATE_FRAMEWORK',
        updateFramework: { frameworkInfo: { user: 'u', name: 'fw', id: { value: id }, ...rest } },
      });
    expect(update({ user: 'other' })).toMatchObject({
      status: 400,
      body: "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'u' to 'other'",
    });
    expect(update({ name: 'new' })).toMatchObject({ status: 200 });
    expect(world.state.frameworks.registered.get(id)?.info.name).toBe('new');
    expect(world.operator.map(({ type }) => type)).toEqual(['FRAMEWORK_UPDATED']);
  });

  test('MESSAGE, SHUTDOWN and KILL reach the agent', () => {
    const { world, call, agentId, id } = subscribed();
    const executorId = { value: 'e' };
    const agent = { value: agentId };
    call({ type: 'MESSAGE', message: { agentId: agent, executorId, data: new Uint8Array([1]) } });
    call({ type: 'SHUTDOWN', shutdown: { agentId: agent, executorId } });
    call({ type: 'SHUTDOWN', shutdown: { agentId: { value: 'nosuch' as AgentId }, executorId } });
    expect(world.sent.map(({ message }) => message)).toMatchObject([
      { name: 'FrameworkToExecutorMessage', body: { frameworkId: { value: id }, executorId } },
      { name: 'ShutdownExecutorMessage', body: { frameworkId: { value: id }, executorId } },
    ]);
  });

  test('TEARDOWN ends the stream', () => {
    const { world, call, id } = subscribed();
    expect(call({ type: 'TEARDOWN' })).toMatchObject({ status: 202 });
    expect(world.closed).toEqual([stream]);
    expect(world.state.frameworks.completed.has(id)).toBe(true);
  });
});
