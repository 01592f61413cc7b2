import type { AgentId, FrameworkId, StreamId } from '@mesita/sdk/base';
import type { TaskInfo, TaskState } from '@mesita/sdk/types';
import { describe, expect, test } from 'vitest';
import {
  agentPid,
  createWorld,
  offer,
  register,
  reregistration,
  subscribe,
  taskInfo,
  type World,
} from './testing/world.ts';

const stream = 'stream' as StreamId;

function launch(world: World, frameworkId: FrameworkId, agentId: AgentId, tasks: TaskInfo[]) {
  const { id } = offer(world, frameworkId, agentId);
  return world.call(
    {
      type: 'ACCEPT',
      frameworkId: { value: frameworkId },
      accept: {
        offerIds: [id],
        operations: [{ type: 'LAUNCH', launch: { taskInfos: tasks } }],
        filters: { refuseSeconds: 60 },
      },
    },
    stream,
  );
}

function uuid(byte: number): Uint8Array {
  return new Uint8Array(16).fill(byte);
}

function update(
  frameworkId: FrameworkId,
  agentId: AgentId,
  taskId: string,
  state: TaskState,
  id: number,
  latestState: TaskState = state,
) {
  return {
    type: 'StatusUpdate' as const,
    from: agentPid,
    message: {
      pid: agentPid,
      update: {
        frameworkId: { value: frameworkId },
        agentId: { value: agentId },
        executorId: { value: taskId },
        status: {
          taskId: { value: taskId },
          state,
          source: 'SOURCE_EXECUTOR' as const,
          uuid: uuid(id),
        },
        timestamp: 1,
        uuid: uuid(id),
        latestState,
      },
    },
  };
}

function updates(world: World, of: StreamId = stream) {
  return world
    .events(of)
    .flatMap(({ update }) =>
      update
        ? [
            [
              update.status.taskId.value,
              update.status.state,
              update.status.reason,
              update.status.message,
            ],
          ]
        : [],
    );
}

describe('a task from offer to acknowledgement', () => {
  test('is charged while it runs and forgotten when its end is acknowledged', () => {
    const world = createWorld();
    const agentId = register(world);
    const frameworkId = subscribe(world);
    expect(world.events(stream).map(({ type }) => type)).toEqual(['SUBSCRIBED', 'HEARTBEAT']);

    expect(launch(world, frameworkId, agentId, [taskInfo('t', agentId)])).toMatchObject({
      status: 202,
    });
    const framework = world.state.frameworks.registered.get(frameworkId);
    const agent = world.state.agents.registered.get(agentId);
    const shown = (text: unknown) => String(text);
    expect(shown(agent?.used.get(frameworkId))).toBe('cpus(allocated: *):1; mem(allocated: *):32');
    expect(shown(framework?.totalUsed)).toBe('cpus(allocated: *):1; mem(allocated: *):32');
    expect(shown(framework?.totalOffered)).toBe('{}');
    expect(world.messages('RunTaskMessage')).toMatchObject([
      {
        framework: { id: { value: frameworkId } },
        pid: '@0.0.0.0:0',
        launchExecutor: true,
        task: { resources: [{ name: 'cpus', allocationInfo: { role: '*' } }, { name: 'mem' }] },
      },
    ]);
    expect(
      world.calls
        .slice(-4)
        .map(({ method, arguments: [, , left, filters] }) => [
          method,
          left === undefined ? undefined : String(left),
          filters,
        ]),
    ).toEqual([
      ['pause', undefined, undefined],
      ['recoverResources', 'cpus(allocated: *):3; mem(allocated: *):992', { refuseSeconds: 60 }],
      ['transitionOfferedToAllocated', undefined, undefined],
      ['resume', undefined, undefined],
    ]);

    world.clear();
    world.step(update(frameworkId, agentId, 't', 'TASK_RUNNING', 1));
    // The agent is ahead: the task has ended although its framework is still told of its start.
    world.step(update(frameworkId, agentId, 't', 'TASK_RUNNING', 2, 'TASK_FINISHED'));
    expect(framework?.tasks.get('t' as never)?.task.state).toBe('TASK_FINISHED');
    expect(agent?.used.size).toBe(0);
    world.step(update(frameworkId, agentId, 't', 'TASK_FINISHED', 3));
    expect(updates(world).map(([, state]) => state)).toEqual([
      'TASK_RUNNING',
      'TASK_RUNNING',
      'TASK_FINISHED',
    ]);
    expect(world.events(stream).at(-1)?.update?.status).toMatchObject({
      uuid: uuid(3),
      executorId: { value: 't' },
      agentId: { value: agentId },
      timestamp: 1,
    });

    world.call(
      {
        type: 'ACKNOWLEDGE',
        frameworkId: { value: frameworkId },
        acknowledge: { agentId: { value: agentId }, taskId: { value: 't' }, uuid: uuid(3) },
      },
      stream,
    );
    expect(world.messages('StatusUpdateAcknowledgementMessage')).toHaveLength(1);
    expect(framework?.tasks.size).toBe(0);
    expect(framework?.completedTasks.map(({ task }) => task.statuses?.map((s) => s.state))).toEqual(
      [['TASK_RUNNING', 'TASK_FINISHED']],
    );
    expect(world.state.counters.get('master/tasks_finished')).toBe(1);
    expect(world.operator.map(({ type }) => type)).toEqual(['TASK_UPDATED', 'TASK_UPDATED']);
  });

  test('that asks for more than the offer holds ends in TASK_ERROR, and costs the next nothing', () => {
    const world = createWorld();
    const agentId = register(world);
    const frameworkId = subscribe(world);
    const greedy = taskInfo('greedy', agentId, {
      resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 5 } }],
    });
    launch(world, frameworkId, agentId, [greedy, taskInfo('t', agentId)]);
    expect(updates(world)).toEqual([
      [
        'greedy',
        'TASK_ERROR',
        'REASON_TASK_INVALID',
        'Total resources cpus(allocated: *):5 required by task and its executor is more than available cpus(allocated: *):4; mem(allocated: *):1024',
      ],
    ]);
    expect(world.messages('RunTaskMessage')).toHaveLength(1);
  });

  test('on offers that are gone is lost, or dropped for those who know the word', () => {
    for (const [type, state] of [
      ['MULTI_ROLE', 'TASK_LOST'],
      ['PARTITION_AWARE', 'TASK_DROPPED'],
    ] as const) {
      const world = createWorld();
      const roles = type === 'MULTI_ROLE' ? ['*'] : undefined;
      const frameworkId = subscribe(world, { capabilities: [{ type }], roles });
      world.call(
        {
          type: 'ACCEPT',
          frameworkId: { value: frameworkId },
          accept: {
            offerIds: [{ value: 'm-O7' }],
            operations: [{ type: 'LAUNCH', launch: { taskInfos: [taskInfo('t', 'a')] } }],
          },
        },
        stream,
      );
      expect(updates(world)).toEqual([
        [
          't',
          state,
          'REASON_INVALID_OFFERS',
          'Task launched with invalid offers: Offer m-O7 is no longer valid',
        ],
      ]);
    }
  });
});

describe('an agent that goes away', () => {
  function running(capability?: 'PARTITION_AWARE', checkpoint = true) {
    const world = createWorld();
    const agentId = register(world);
    const capabilities = capability ? [{ type: capability }] : [];
    const frameworkId = subscribe(world, { capabilities, checkpoint });
    launch(world, frameworkId, agentId, [taskInfo('t', agentId)]);
    world.step(update(frameworkId, agentId, 't', 'TASK_RUNNING', 1));
    world.clear();
    return { world, agentId, frameworkId };
  }

  test('and leaves its pings unanswered is unreachable, and welcome when it comes back', () => {
    const { world, agentId, frameworkId } = running('PARTITION_AWARE');
    world.advance(74_000);
    expect(world.state.agents.registered.size).toBe(1);
    world.advance(2000);
    expect(updates(world)).toEqual([
      ['t', 'TASK_UNREACHABLE', 'REASON_AGENT_REMOVED', 'health check timed out'],
    ]);
    expect(world.events(stream).some(({ failure }) => failure?.agentId?.value === agentId)).toBe(
      true,
    );
    expect(world.registry.unreachable?.agents).toHaveLength(1);
    expect(world.operator.map(({ type }) => type)).not.toContain('AGENT_REMOVED');
    const framework = world.state.frameworks.registered.get(frameworkId);
    expect([framework?.tasks.size, framework?.unreachableTasks.size]).toEqual([0, 1]);

    world.clear();
    const task = {
      name: 't',
      taskId: { value: 't' },
      frameworkId: { value: frameworkId },
      agentId: { value: agentId },
      state: 'TASK_RUNNING',
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, allocationInfo: { role: '*' } },
      ],
    };
    world.step(reregistration(agentId, { tasks: [task], frameworks: [framework?.info] }));
    expect(updates(world)).toEqual([
      ['t', 'TASK_RUNNING', 'REASON_AGENT_REREGISTERED', 'Unreachable agent re-reregistered'],
    ]);
    expect(world.events(stream)[0]?.update?.status.uuid).toBeUndefined();
    expect([framework?.tasks.size, framework?.unreachableTasks.size]).toEqual([1, 0]);
    expect(String(framework?.totalUsed)).toBe('cpus(allocated: *):1');
    expect(world.operator.map(({ type }) => type)).toContain('AGENT_ADDED');
  });

  test('is told to frameworks of the old style as lost, and as it is when it comes back', () => {
    const { world, agentId, frameworkId } = running();
    world.advance(76_000);
    expect(updates(world)).toEqual([
      ['t', 'TASK_LOST', 'REASON_AGENT_REMOVED', 'health check timed out'],
    ]);
    const framework = world.state.frameworks.registered.get(frameworkId);
    world.clear();
    const task = {
      name: 't',
      taskId: { value: 't' },
      frameworkId: { value: frameworkId },
      agentId: { value: agentId },
      state: 'TASK_RUNNING',
    };
    world.step(reregistration(agentId, { tasks: [task], frameworks: [framework?.info] }));
    expect(updates(world)).toEqual([
      ['t', 'TASK_RUNNING', 'REASON_AGENT_REREGISTERED', 'Unreachable agent re-reregistered'],
    ]);
    expect(framework?.tasks.size).toBe(1);
  });

  test('but answers in time stays', () => {
    const { world } = running();
    for (let round = 0; round < 20; round++) {
      world.advance(15_000);
      world.step({ type: 'AgentPonged', from: agentPid, observer: 'slave-observer(1)' });
    }
    expect(world.state.agents.registered.size).toBe(1);
  });

  test('costs frameworks that do not checkpoint their tasks at once', () => {
    const { world } = running('PARTITION_AWARE', false);
    world.step({ type: 'PeerExited', pid: agentPid });
    expect(updates(world)).toEqual([
      ['t', 'TASK_LOST', 'REASON_AGENT_DISCONNECTED', 'Agent host disconnected'],
    ]);
  });

  test('and unregisters loses its tasks, for all frameworks alike', () => {
    const { world, agentId } = running('PARTITION_AWARE');
    world.step({
      type: 'UnregisterAgent',
      from: agentPid,
      message: { agentId: { value: agentId } },
    });
    expect(updates(world)).toEqual([
      ['t', 'TASK_LOST', 'REASON_AGENT_REMOVED', 'Agent host removed: the agent unregistered'],
    ]);
    expect(world.operator.map(({ type }) => type)).toContain('AGENT_REMOVED');
    expect(world.registry.agents?.agents).toEqual([]);
  });

  test('and comes back restarted is told of kills it missed, and asked about tasks it does not know', () => {
    const { world, agentId, frameworkId } = running();
    world.step({ type: 'PeerExited', pid: agentPid });
    const kill = { taskId: { value: 't' } };
    world.call({ type: 'KILL', frameworkId: { value: frameworkId }, kill }, stream);
    expect(world.messages('KillTaskMessage')).toEqual([]);
    const framework = world.state.frameworks.registered.get(frameworkId);
    const frameworks = [framework?.info];
    const record = framework?.tasks.get('t' as never);
    world.step(reregistration(agentId, { tasks: [record?.task], frameworks }));
    expect(world.messages('KillTaskMessage')).toHaveLength(1);
    expect(world.calls.map(({ method }) => method)).toContain('activateAgent');

    world.clear();
    world.step(reregistration(agentId, { tasks: [], frameworks }));
    expect(world.messages('SlaveReregisteredMessage')).toMatchObject([
      { reconciliations: [{ statuses: [{ taskId: { value: 't' }, state: 'TASK_RUNNING' }] }] },
    ]);
  });
});
