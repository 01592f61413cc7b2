import { err, ok } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { QoSCorrection } from '@mesita/sdk/types/containerizer';
import { expect, test } from 'vitest';
import {
  agentId,
  commandTask,
  createScene,
  type Scene,
} from '../../../../test/unit/agent/scene.ts';
import type { AgentEffect } from '../effects.ts';

const lending = { oversubscription: { estimateIntervalMs: 15_000, correctionIntervalMs: 0 } };

function estimate(scene: Scene, ...cpus: number[]): void {
  const value = cpus.map(revocableCpus);
  scene.post({ type: 'OversubscribableEstimated', result: ok(value) });
}

const revocableCpus = (value: number) =>
  ({ name: 'cpus', type: 'SCALAR', scalar: { value }, revocable: {} }) as const;

function revocableTask(id: string) {
  const cpus = { ...revocableCpus(1), allocationInfo: { role: 'ads' } };
  return { ...commandTask(id), resources: [cpus] };
}

/** What the master was told of lent resources, in order; `undefined` where it was told nothing. */
function told(scene: Scene): unknown[] {
  return scene.sent.flatMap((message) => {
    if (message.name !== 'UpdateSlaveMessage') return [];
    const { updateOversubscribedResources: isTold, oversubscribedResources } = message.body;
    return [isTold ? String(Resources.of(oversubscribedResources ?? [])) : undefined];
  });
}

const asked = (scene: Scene, type: AgentEffect['type']): number =>
  scene.performed.filter((effect) => effect.type === type).length;

test('nobody estimates: nothing is asked, and the master is told nothing', () => {
  const scene = createScene();
  scene.register();
  expect(told(scene)).toEqual([undefined]);
  expect(asked(scene, 'estimateOversubscribable')).toBe(0);
});

test('an estimate is told at registration, then again when it changed', () => {
  const scene = createScene(lending);
  scene.post({ type: 'CheckpointsRead', recovered: undefined });
  estimate(scene, 2);
  scene.wait(2000);
  scene.fromMaster('SlaveRegisteredMessage', { agentId });
  scene.wait(15_000);
  estimate(scene, 2);
  scene.wait(15_000);
  estimate(scene, 1.5);
  estimate(scene);
  expect(told(scene)).toEqual(['cpus{REV}:2', 'cpus{REV}:1.5', '{}']);
  expect(asked(scene, 'estimateOversubscribable')).toBe(3);
});

test('what is lent already is part of the total, whoever it was allocated to', () => {
  const scene = createScene(lending);
  scene.register();
  estimate(scene, 2);
  scene.run(revocableTask('t'));
  estimate(scene, 1);
  estimate(scene);
  expect(told(scene)).toEqual([undefined, 'cpus{REV}:2', 'cpus{REV}:1']);
});

test('§5.ResourceEstimator.oversubscribable a failed estimate is logged, changes nothing, and is asked for again', () => {
  const scene = createScene(lending);
  scene.register();
  estimate(scene, 2);
  scene.post({ type: 'OversubscribableEstimated', result: err('no idea') });
  scene.wait(15_000);
  expect(told(scene)).toEqual([undefined, 'cpus{REV}:2']);
  expect(asked(scene, 'estimateOversubscribable')).toBe(2);
});

test('a master that comes back is told without being asked', () => {
  const scene = createScene(lending);
  scene.register();
  estimate(scene, 2);
  scene.fromMaster('PingSlaveMessage', { connected: false });
  estimate(scene, 3);
  scene.register();
  expect(told(scene)).toEqual([undefined, 'cpus{REV}:2', 'cpus{REV}:3']);
});

function correct(scene: Scene, ...kills: QoSCorrection.Kill[]): void {
  const value = kills.map((kill) => ({ type: 'KILL' as const, kill }));
  scene.post({ type: 'CorrectionsMade', result: ok(value) });
}

const target = { frameworkId: { value: 'F' }, executorId: { value: 't' } };

test.each([
  [true, 'TASK_GONE'],
  [false, 'TASK_LOST'],
])('a correction ends the container; partition aware: %s', (partitionAware, state) => {
  const scene = createScene(lending);
  scene.register();
  scene.run(revocableTask('t'), { partitionAware });
  scene.update('t', 'TASK_RUNNING');
  scene.acknowledge();
  const container = { value: scene.executor().container };
  scene.lines();
  correct(scene, { ...target, containerId: container });
  expect(scene.lines()).toEqual([
    'destroy container',
    `master <- StatusUpdate t ${state} SOURCE_AGENT REASON_CONTAINER_PREEMPTED "Container preempted by QoS correction"`,
  ]);
  expect(scene.state.counters.executors_preempted).toBe(1);
});

test('what the agent did for a reason of its own is not told by its executor', () => {
  const scene = createScene(lending);
  scene.register();
  scene.run(revocableTask('t'));
  const executor = scene.executor();
  executor.ending = { state: 'TASK_GONE', reason: 'REASON_CONTAINER_PREEMPTED', message: '' };
  scene.lines();
  scene.update('t', 'TASK_FAILED');
  expect(scene.lines()).toEqual([]);
});

test('§5.QoSController.corrections corrections of what is not there, not meant or ending do nothing', () => {
  const scene = createScene(lending);
  scene.register();
  scene.run(revocableTask('t'));
  scene.lines();
  correct(
    scene,
    {},
    { frameworkId: { value: 'F' } },
    { ...target, frameworkId: { value: 'other' } },
    { ...target, executorId: { value: 'other' } },
    { ...target, containerId: { value: 'of another run' } },
  );
  scene.executor().life = 'TERMINATING';
  correct(scene, target);
  expect(scene.lines()).toEqual([]);
  expect(scene.state.counters.executors_preempted).toBe(0);
});

test('the controller is asked again at once, but for one that has nothing to say', () => {
  const scene = createScene(lending);
  scene.register();
  const before = asked(scene, 'awaitCorrections');
  correct(scene, target);
  scene.wait(0);
  correct(scene);
  scene.wait(999);
  expect(asked(scene, 'awaitCorrections') - before).toBe(1);
  scene.wait(1);
  expect(asked(scene, 'awaitCorrections') - before).toBe(2);
});
