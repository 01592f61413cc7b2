import { expect, test } from 'vitest';
import { createDefaultExecutor } from './default-executor.ts';
import {
  createExecutorScene,
  type ExecutorScene,
  type SceneOptions,
  task,
} from './scene.testing.ts';

async function launch(ids: string[], options: SceneOptions = {}): Promise<ExecutorScene> {
  const scene = createExecutorScene(createDefaultExecutor, options);
  await scene.settle();
  scene.subscribed();
  const tasks = ids.map((id) => task(id));
  scene.executor.receive({ type: 'LAUNCH_GROUP', launchGroup: { taskGroup: { tasks } } });
  await scene.settle();
  return scene;
}

function story(scene: ExecutorScene): string[] {
  return scene
    .statuses()
    .map(({ taskId, state, message }) => [taskId?.value, state, message].filter(Boolean).join(' '));
}

test('a group runs and ends, and the executor with it', async () => {
  const scene = await launch(['a', 'b']);
  const [a = '', b = ''] = scene.launched;
  expect(scene.statuses()[0]?.containerStatus).toEqual({
    containerId: { value: a, parent: { value: 'root' } },
  });
  await scene.end(a, { status: 0 });
  await scene.end(b, { status: 0 });
  expect(story(scene)).toEqual([
    'a TASK_STARTING',
    'b TASK_STARTING',
    'a TASK_RUNNING',
    'b TASK_RUNNING',
    'a TASK_FINISHED Command exited with status 0',
    'b TASK_FINISHED Command exited with status 0',
  ]);
  expect(scene.signals).toEqual([]);
  scene.acknowledgeAll();
  expect(scene.signals).toEqual(['root 15']);
});

test('a killed task takes its group along', async () => {
  const scene = await launch(['a', 'b'], { canShowKilling: true });
  const [a = '', b = ''] = scene.launched;
  scene.executor.receive({ type: 'KILL', kill: { taskId: { value: 'a' } } });
  await scene.end(a, { status: 15 });
  expect(scene.signals).toEqual([`${a} 15`, `${b} 15`]);
  await scene.end(b, { status: 15 });
  expect(story(scene).slice(4)).toEqual([
    'a TASK_KILLING',
    'a TASK_KILLED Command terminated with signal Terminated',
    'b TASK_KILLING',
    'b TASK_KILLED Command terminated with signal Terminated',
  ]);
});

test('a task that cannot be launched fails, and the rest is killed', async () => {
  let launches = 0;
  const failLaunch = (): string | undefined => (++launches === 1 ? 'no room' : undefined);
  const scene = await launch(['a', 'b'], { failLaunch });
  const [b = ''] = scene.launched;
  await scene.end(b, { status: 15 });
  expect(story(scene).slice(2)).toEqual([
    'b TASK_RUNNING',
    'a TASK_FAILED no room',
    'b TASK_KILLED Command terminated with signal Terminated',
  ]);
});

test('groups do not touch each other; shutdown kills all', async () => {
  const scene = await launch(['a']);
  const taskGroup = { tasks: [task('b')] };
  scene.executor.receive({ type: 'LAUNCH_GROUP', launchGroup: { taskGroup } });
  await scene.settle();
  const [a = '', b = ''] = scene.launched;
  await scene.end(a, { status: 256 });
  expect(scene.signals).toEqual([]);
  scene.executor.receive({ type: 'SHUTDOWN' });
  await scene.settle();
  expect(scene.signals).toEqual([`${b} 15`]);
});

test('after a restart its tasks are waited for again', async () => {
  const before = await launch(['a', 'b']);
  const [a = ''] = before.launched;
  await before.end(a, { status: 0 });
  before.acknowledgeAll();
  await before.settle();
  const scene = createExecutorScene(createDefaultExecutor, { remembered: before.notes() });
  await scene.settle();
  scene.subscribed();
  await scene.end(before.launched[1] ?? '', { status: 0 });
  expect(story(scene)).toEqual(['b TASK_FINISHED Command exited with status 0']);
});
