import type { ExecutorId, FrameworkId } from '@mesita/sdk/base';
import type { TaskState } from '@mesita/sdk/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  agentId,
  commandTask,
  createScene,
  customTask,
  framework,
  masterPid,
  type Scene,
} from '../../../test/unit/agent/scene.ts';
import { isTerminal } from '../../wire/task-state.ts';
import type { AgentState, Executor } from './state.ts';
import { findExecutorOfTask } from './task.ts';

const ids = ['a', 'b', 'c'];
const executors = ['ex', 'ey'];
const told: readonly TaskState[] = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED', 'TASK_KILLED'];
const anyId = fc.constantFrom(...ids);
const anyExecutor = fc.constantFrom(...executors, ...ids);

function executorOf(scene: Scene, id: string): Executor | undefined {
  return scene.state.frameworks.get('F' as FrameworkId)?.executors.get(id as ExecutorId);
}

/** What may happen to an agent, in whatever order, sensible or not. */
const happenings = fc.oneof(
  fc.record({ do: fc.constant('run' as const), id: anyId, checkpoint: fc.boolean() }),
  fc.record({
    do: fc.constant('run custom' as const),
    id: anyId,
    executor: fc.constantFrom(...executors),
    launchExecutor: fc.boolean(),
    checkpoint: fc.boolean(),
  }),
  fc.record({ do: fc.constant('run group' as const), launchExecutor: fc.boolean() }),
  fc.record({ do: fc.constant('kill' as const), id: anyId }),
  fc.record({ do: fc.constant('shut down executor' as const), executor: anyExecutor }),
  fc.constant({ do: 'shut down framework' } as const),
  fc.constant({ do: 'drain' } as const),
  fc.record({ do: fc.constant('subscribe' as const), executor: anyExecutor }),
  fc.record({
    do: fc.constant('update' as const),
    id: anyId,
    executor: anyExecutor,
    state: fc.constantFrom(...told),
  }),
  fc.constant({ do: 'acknowledge' } as const),
  fc.record({ do: fc.constant('end' as const), executor: anyExecutor }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 3000, 70_000) }),
  fc.constant({ do: 'lose master' } as const),
  fc.constant({ do: 'register' } as const),
  fc.record({ do: fc.constant('fail launches' as const), fails: fc.boolean() }),
  fc.record({ do: fc.constant('fail directories' as const), fails: fc.boolean() }),
  fc.constant({ do: 'restart' } as const),
);
type Happening = typeof happenings extends fc.Arbitrary<infer T> ? T : never;

function perform(scene: Scene, one: Happening): Scene {
  const names = { frameworkId: { value: 'F' } };
  switch (one.do) {
    case 'run':
      scene.run(commandTask(one.id), one);
      return scene;
    case 'run custom':
      scene.run(customTask(one.id, one.executor), one);
      return scene;
    case 'run group':
      scene.fromMaster('RunTaskGroupMessage', {
        framework: framework(),
        executor: { type: 'DEFAULT', executorId: { value: 'ey' } },
        taskGroup: { tasks: [commandTask('b'), commandTask('c')] },
        launchExecutor: one.launchExecutor,
      });
      return scene;
    case 'kill':
      scene.fromMaster('KillTaskMessage', { ...names, taskId: { value: one.id } });
      return scene;
    case 'shut down executor':
      scene.fromMaster('ShutdownExecutorMessage', {
        ...names,
        executorId: { value: one.executor },
      });
      return scene;
    case 'shut down framework':
      scene.fromMaster('ShutdownFrameworkMessage', names);
      return scene;
    case 'drain':
      scene.fromMaster('DrainSlaveMessage', { config: {} });
      return scene;
    case 'acknowledge':
      if (scene.sent.some(({ name }) => name === 'StatusUpdateMessage')) scene.acknowledge();
      return scene;
    case 'wait':
      scene.wait(one.ms);
      return scene;
    case 'lose master':
      scene.post({ type: 'MasterExited', pid: masterPid });
      return scene;
    case 'register':
      scene.wait(3000);
      scene.fromMaster('SlaveReregisteredMessage', { agentId });
      return scene;
    case 'fail launches':
      if (one.fails) scene.world.launchResult = { ok: false, error: 'no' };
      else delete scene.world.launchResult;
      return scene;
    case 'fail directories':
      if (one.fails) scene.world.directoryResult = { ok: false, error: 'no' };
      else delete scene.world.directoryResult;
      return scene;
    case 'restart': {
      const next = createScene({}, scene.world);
      next.register();
      return next;
    }
    default:
      performAsExecutor(scene, one);
      return scene;
  }
}

function performAsExecutor(
  scene: Scene,
  one: Extract<Happening, { do: 'subscribe' | 'update' | 'end' }>,
): void {
  const executor = executorOf(scene, one.executor);
  if (!executor) return;
  if (one.do === 'subscribe') scene.call({ type: 'SUBSCRIBE', subscribe: {} }, executor);
  else if (one.do === 'update') scene.update(one.id, one.state, executor);
  else {
    scene.world.alive.delete(executor.container);
    const { frameworkId, id: executorId, container } = executor;
    const run = { frameworkId, executorId, container };
    scene.post({ type: 'ContainerTerminated', run, termination: { status: 0 } });
  }
}

function checkBooks(state: AgentState): void {
  for (const { executors: all, life } of state.frameworks.values()) {
    // A framework stays for its executors only.
    expect(all.size).toBeGreaterThan(0);
    for (const executor of all.values()) checkExecutor(executor, life);
  }
  for (const { pending, key, frameworkId, taskId } of state.streams.values()) {
    const framework = state.frameworks.get(frameworkId);
    // What strangers say of tasks that are not theirs goes past the books.
    if (!framework || !findExecutorOfTask(framework, taskId)) continue;
    // A task ends once: its executor has nothing to add then.
    const said = pending.filter(({ status }) => status.source === 'SOURCE_EXECUTOR');
    const end = said.findIndex(({ status }) => isTerminal(status.state));
    expect(end < 0 || end === said.length - 1, key).toBe(true);
  }
}

function checkExecutor(executor: Executor, framework: 'RUNNING' | 'TERMINATING'): void {
  const { queuedTasks, launchedTasks, terminatedTasks, queuedGroups, life } = executor;
  for (const task of launchedTasks.values()) expect(isTerminal(task.state)).toBe(false);
  for (const id of queuedTasks.keys()) expect(launchedTasks.has(id)).toBe(false);
  for (const group of queuedGroups) expect(group.tasks?.length).toBeGreaterThan(0);
  if (life === 'TERMINATED' && framework === 'RUNNING') {
    expect(launchedTasks.size + queuedTasks.size).toBe(0);
    expect(terminatedTasks.size).toBeGreaterThan(0);
  }
}

test('whatever comes, in whatever order, the agent goes on and its books are right', () => {
  fc.assert(
    fc.property(fc.array(happenings, { maxLength: 25 }), (story) => {
      let scene = createScene();
      scene.register();
      for (const one of story) {
        scene = perform(scene, one);
        checkBooks(scene.state);
      }
      settle(scene);
      expect([...scene.state.frameworks.keys()]).toEqual([]);
      expect([...scene.state.streams.keys()]).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

/** Every executor ends and every update is acknowledged: nothing may be left. */
function settle(scene: Scene): void {
  scene.wait(70_000);
  for (let round = 0; round < 100; round++) {
    scene.wait(3000);
    scene.fromMaster('SlaveReregisteredMessage', { agentId });
    for (const { executors: all } of [...scene.state.frameworks.values()]) {
      for (const executor of [...all.values()]) {
        const { id } = executor;
        performAsExecutor(scene, { do: 'end', executor: id });
      }
    }
    for (const { pending, frameworkId, taskId } of [...scene.state.streams.values()]) {
      const uuid = pending[0]?.uuid;
      if (!uuid) continue;
      scene.fromMaster('StatusUpdateAcknowledgementMessage', {
        agentId,
        frameworkId: { value: frameworkId },
        taskId: { value: taskId },
        uuid,
      });
    }
  }
}
