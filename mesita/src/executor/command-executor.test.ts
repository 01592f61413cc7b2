import { expect, test } from 'vitest';
import { createCommandExecutor } from './command-executor.ts';
import {
  createExecutorScene,
  type ExecutorScene,
  type SceneOptions,
  task,
} from './scene.testing.ts';

async function running(
  more: Parameters<typeof task>[1] = {},
  options: SceneOptions = {},
): Promise<ExecutorScene> {
  const scene = createExecutorScene(createCommandExecutor, options);
  await scene.settle();
  scene.subscribed();
  scene.executor.receive({ type: 'LAUNCH', launch: { task: task('t', more) } });
  return scene;
}

const t = { taskId: { value: 't' } };

test('subscribes first, then tells the task’s life', async () => {
  const scene = await running();
  await scene.end('root', { status: 0 });
  expect(scene.calls[0]).toMatchObject({ type: 'SUBSCRIBE', subscribe: {} });
  expect(scene.statuses()).toEqual([
    { ...t, state: 'TASK_STARTING' },
    { ...t, state: 'TASK_RUNNING' },
    { ...t, state: 'TASK_FINISHED', message: 'Command exited with status 0' },
  ]);
  expect(scene.calls[1]?.update?.status).toMatchObject({
    source: 'SOURCE_EXECUTOR',
    agentId: { value: 'agent' },
    executorId: { value: 'executor' },
  });
});

test.each([
  [1 << 8, 'Command exited with status 1'],
  [9, 'Command terminated with signal Killed'],
  [11 | 0x80, 'Command terminated with signal Segmentation fault (core dumped)'],
])('wait status %i fails the task', async (status, message) => {
  const scene = await running();
  await scene.end('root', { status });
  expect(scene.statuses().at(-1)).toEqual({ ...t, state: 'TASK_FAILED', message });
});

test('kill: SIGTERM, then SIGKILL after the task’s own grace period', async () => {
  const killPolicy = { gracePeriod: { nanoseconds: 4_000_000_000n } };
  const scene = await running({ killPolicy }, { canShowKilling: true });
  const call = { gracePeriod: { nanoseconds: 500_000_000n } };
  const kill = { taskId: { value: 't' }, killPolicy: call };
  scene.executor.receive({ type: 'KILL', kill });
  scene.executor.receive({ type: 'KILL', kill });
  await scene.advance(3999);
  expect(scene.signals).toEqual(['root 15']);
  await scene.advance(1);
  expect(scene.signals).toEqual(['root 15', 'root 9']);
  await scene.end('root', { status: 9 });
  expect(scene.statuses().slice(2)).toEqual([
    { ...t, state: 'TASK_KILLING' },
    { ...t, state: 'TASK_KILLED', message: 'Command terminated with signal Killed' },
  ]);
});

test('shutdown kills without TASK_KILLING where the framework does not know it', async () => {
  const scene = await running();
  scene.executor.receive({ type: 'SHUTDOWN' });
  await scene.end('root', { status: 15 });
  expect(scene.statuses().slice(2)).toEqual([
    { ...t, state: 'TASK_KILLED', message: 'Command terminated with signal Terminated' },
  ]);
});

test('a task that takes too long fails', async () => {
  const scene = await running({ maxCompletionTime: { nanoseconds: 2_000_000_000n } });
  await scene.advance(2000);
  expect(scene.signals).toEqual(['root 15', 'root 9']);
  await scene.end('root', { status: 9 });
  expect(scene.statuses().at(-1)).toMatchObject({
    state: 'TASK_FAILED',
    reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
  });
});

test('limits and vanished containers are the agent’s to report', async () => {
  for (const end of [
    { status: 9, reason: 'REASON_CONTAINER_LIMITATION_DISK' as const },
    undefined,
  ]) {
    const scene = await running();
    await scene.executor.terminated(end);
    expect(scene.statuses()).toHaveLength(2);
  }
});

test('a command that is over before its task is known', async () => {
  const scene = createExecutorScene(createCommandExecutor);
  const over = scene.executor.terminated({ status: 0 });
  scene.subscribed();
  scene.executor.receive({ type: 'LAUNCH', launch: { task: task('t') } });
  await over;
  expect(scene.statuses().map(({ state }) => state)).toEqual([
    'TASK_STARTING',
    'TASK_RUNNING',
    'TASK_FINISHED',
  ]);
});

test('health: the first failure after success is told, enough of them kill', async () => {
  const healthCheck = {
    type: 'COMMAND' as const,
    command: { value: 'x' },
    delaySeconds: 1,
    intervalSeconds: 1,
    consecutiveFailures: 2,
    gracePeriodSeconds: 0,
  };
  const scene = await running({ healthCheck }, { canShowKilling: true });
  for (const status of [0, 0, 256, 256]) {
    await scene.advance(1000);
    await scene.end(scene.launched.at(-1) ?? '', { status });
  }
  await scene.end('root', { status: 15 });
  const reason = 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED';
  expect(scene.statuses().slice(2)).toEqual([
    { ...t, state: 'TASK_RUNNING', reason, healthy: true },
    { ...t, state: 'TASK_RUNNING', reason, healthy: false },
    { ...t, state: 'TASK_RUNNING', reason, healthy: false },
    { ...t, state: 'TASK_KILLING' },
    {
      ...t,
      state: 'TASK_KILLED',
      message: 'Command terminated with signal Terminated',
      healthy: false,
    },
  ]);
});

test('check: a new exit code is told, an old one is not', async () => {
  const check = {
    type: 'COMMAND' as const,
    command: { command: { value: 'x' } },
    delaySeconds: 1,
    intervalSeconds: 1,
  };
  const scene = await running({ check });
  for (const status of [0, 0, 768]) {
    await scene.advance(1000);
    await scene.end(scene.launched.at(-1) ?? '', { status });
  }
  await scene.end('root', { status: 0 });
  expect(scene.statuses().map(({ checkStatus }) => checkStatus?.command)).toEqual([
    {},
    {},
    { exitCode: 0 },
    { exitCode: 3 },
    {},
  ]);
});

test('after a restart it goes on from its notes', async () => {
  const before = await running({ maxCompletionTime: { nanoseconds: 60_000_000_000n } });
  const [starting] = before.calls.flatMap(({ update }) => update?.status ?? []);
  before.executor.receive({
    type: 'ACKNOWLEDGED',
    acknowledged: { taskId: t.taskId, uuid: starting?.uuid ?? new Uint8Array() },
  });
  await before.settle();
  const after = createExecutorScene(createCommandExecutor, { remembered: before.notes() });
  await after.settle();
  const tasks = after.calls[0]?.subscribe?.unacknowledgedTasks;
  expect(tasks?.map(({ taskId }) => taskId)).toEqual([t.taskId]);
  expect(
    after.calls[0]?.subscribe?.unacknowledgedUpdates?.map(({ status }) => status.state),
  ).toEqual(['TASK_RUNNING']);
  after.subscribed();
  await after.end('root', { status: 0 });
  expect(after.statuses()).toEqual([
    { ...t, state: 'TASK_FINISHED', message: 'Command exited with status 0' },
  ]);
});
