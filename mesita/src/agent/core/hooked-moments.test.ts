// Moments at which the core itself stops for hooks.
import { expect, test } from 'vitest';
import { commandTask, createScene, type Scene } from '../../../test/unit/agent/scene.ts';
import type { EventOf } from './events.ts';

const hookedAt = new Set(['agentTaskStatusDecorator', 'agentRemoveExecutor'] as const);

/** The updates hooks were asked about, in order. */
function asked(scene: Scene): EventOf<'UpdateDecorated'>[] {
  return scene.performed.flatMap((effect) =>
    effect.type === 'decorateUpdate' ? [effect.then] : [],
  );
}

function answer(scene: Scene, event: EventOf<'UpdateDecorated'>, key: string): void {
  const status = { ...event.update.status, labels: { labels: [{ key }] } };
  scene.post({ ...event, update: { ...event.update, status } });
}

function start(): Scene {
  const scene = createScene({ hookedAt });
  scene.register();
  scene.run(commandTask('t'), { checkpoint: true });
  scene.update('t', 'TASK_STARTING');
  return scene;
}

test('an update is durable, told and acknowledged once hooks have answered', () => {
  const scene = start();
  scene.lines();
  expect(asked(scene)).toHaveLength(1);
  answer(scene, asked(scene)[0]!, 'seen');
  expect(scene.lines()).toEqual([
    'master <- StatusUpdate t TASK_STARTING SOURCE_EXECUTOR',
    't <- ACKNOWLEDGED t',
  ]);
  const [sent] = scene.sent.flatMap((message) =>
    message.name === 'StatusUpdateMessage' ? [message.body.update.status.labels] : [],
  );
  const kept = scene.world.disk.flatMap((record) =>
    record.kind === 'update' ? [record.record.update?.status.labels] : [],
  );
  const booked = scene.executor().launchedTasks.get('t' as never)?.statuses?.[0]?.labels;
  const labels = { labels: [{ key: 'seen' }] };
  expect([sent, kept, booked]).toEqual([labels, [labels], labels]);
});

test('an update whose framework ended meanwhile is dropped', () => {
  const scene = start();
  scene.fromMaster('ShutdownFrameworkMessage', { frameworkId: { value: 'F' } });
  scene.wait(10_000);
  scene.lines();
  answer(scene, asked(scene)[0]!, 'late');
  expect(scene.lines()).toEqual([]);
});

test('hooks are told of an executor that is forgotten', () => {
  const scene = start();
  scene.fromMaster('ShutdownFrameworkMessage', { frameworkId: { value: 'F' } });
  scene.wait(10_000);
  const told = scene.performed.flatMap((effect) =>
    effect.type === 'executorRemoved' ? [[effect.framework.name, effect.executor.name]] : [],
  );
  expect(told).toEqual([['fw', "Command Executor (Task: t) (Command: sh -c 'sleep 1')"]]);
});
