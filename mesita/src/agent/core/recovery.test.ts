import type { TaskId } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import {
  commandTask,
  createConfig,
  createScene,
  customTask,
  readBack,
} from '../../../test/unit/agent/scene.ts';
import { createAgentCore } from './core.ts';

test('a restarted agent finds its command task running, and no one notices', () => {
  const before = createScene();
  before.register();
  before.run(commandTask('t'), { checkpoint: true });
  before.update('t', 'TASK_STARTING');
  before.acknowledge();
  before.update('t', 'TASK_RUNNING');
  const after = createScene({}, before.world);
  after.register();
  expect([...new Set(after.lines())]).toMatchInlineSnapshot(`
    [
      "t <- SUBSCRIBED",
      "t <- LAUNCH t",
      "master <- ReregisterSlave [t TASK_RUNNING]",
      "master <- StatusUpdate t TASK_RUNNING SOURCE_EXECUTOR",
      "master <- UpdateSlave",
    ]
  `);
  after.acknowledge();
  after.update('t', 'TASK_FINISHED');
  after.acknowledge();
  expect(after.executor().completedTasks).toHaveLength(1);
});

test('tasks of a framework that does not checkpoint are not known again', () => {
  const before = createScene();
  before.register();
  before.run(commandTask('t'));
  before.update('t', 'TASK_RUNNING');
  const after = createScene({}, before.world);
  after.register();
  expect(after.state.frameworks.size).toBe(0);
  expect(after.state.info.id).toEqual({ value: 'M-S0' });
});

test('an executor that does not come back in time is ended', () => {
  const before = createScene();
  before.register();
  before.run(customTask('t', 'ex'), { checkpoint: true });
  before.call({ type: 'SUBSCRIBE', subscribe: {} }, before.executor('ex'));
  before.update('t', 'TASK_RUNNING', before.executor('ex'));
  before.acknowledge();
  const after = createScene({}, before.world);
  after.register();
  expect([...new Set(after.lines())]).toMatchInlineSnapshot(`
    [
      "destroy container",
      "master <- ReregisterSlave [t TASK_LOST]",
      "master <- StatusUpdate t TASK_LOST SOURCE_AGENT REASON_EXECUTOR_REREGISTRATION_TIMEOUT "Executor did not reregister within 2secs"",
      "master <- UpdateSlave",
    ]
  `);
});

test('an executor that comes back ends the waiting; what it never got is dropped', () => {
  const before = createScene();
  before.register();
  before.run(customTask('t', 'ex'), { checkpoint: true });
  before.call({ type: 'SUBSCRIBE', subscribe: {} }, before.executor('ex'));
  const after = createScene({}, before.world);
  after.post({ type: 'CheckpointsRead', recovered: readBack(before.world.disk) });
  expect(after.state.life).toBe('RECOVERING');
  after.call({ type: 'SUBSCRIBE', subscribe: {} }, after.executor('ex'));
  expect(after.state.life).toBe('DISCONNECTED');
  expect(after.executor('ex').terminatedTasks.get('t' as TaskId)?.statuses).toMatchObject([
    { state: 'TASK_LOST', reason: 'REASON_AGENT_RESTARTED' },
  ]);
});

test('nobody comes back before it is known which containers there are', () => {
  const before = createScene();
  before.register();
  before.run(customTask('t', 'ex'), { checkpoint: true });
  const core = createAgentCore(createConfig());
  core.step(0, { type: 'CheckpointsRead', recovered: readBack(before.world.disk) });
  expect(core.state.acceptsExecutors).toBe(false);
  core.step(0, { type: 'ContainersRecovered', statuses: new Map() });
  expect(core.state.acceptsExecutors).toBe(true);
});

test('a container that is gone fails its tasks', () => {
  const before = createScene();
  before.register();
  before.run(customTask('t', 'ex'), { checkpoint: true });
  before.call({ type: 'SUBSCRIBE', subscribe: {} }, before.executor('ex'));
  const after = createScene({}, { disk: before.world.disk, alive: new Set() });
  after.register();
  expect(after.lines()).toContain(
    'master <- StatusUpdate t TASK_FAILED SOURCE_AGENT REASON_EXECUTOR_TERMINATED "Abnormal executor termination: unknown container"',
  );
});

test('executors are ended by an agent that is started to clean up', () => {
  const before = createScene();
  before.register();
  before.run(commandTask('t'), { checkpoint: true });
  before.update('t', 'TASK_RUNNING');
  const after = createScene({ recover: 'cleanup' }, before.world);
  after.post({ type: 'CheckpointsRead', recovered: readBack(before.world.disk) });
  expect(after.lines()).toEqual(['destroy container', 't <- SHUTDOWN', 'exit 0']);
});

test('after a reboot nothing can be left: tasks fail, and none is begun again', () => {
  const before = createScene();
  before.register();
  before.run(commandTask('t'), { checkpoint: true });
  before.update('t', 'TASK_RUNNING');
  before.acknowledge();
  const recovered = readBack(before.world.disk);
  // Pids of before the reboot mean nothing.
  const executors = recovered?.frameworks[0]?.executors.map(({ run, ...executor }) => ({
    ...executor,
    run: run && { ...run, forkedPid: undefined },
  }));
  const frameworks = recovered?.frameworks.map((one) => ({ ...one, executors: executors ?? [] }));
  const after = createScene({}, { disk: before.world.disk, alive: new Set() });
  after.post({
    type: 'CheckpointsRead',
    recovered: recovered && { ...recovered, frameworks: frameworks ?? [] },
  });
  expect(after.toExecutor.map(({ type }) => type)).toEqual(['SUBSCRIBED']);
  expect(
    after
      .executor()
      .terminatedTasks.get('t' as TaskId)
      ?.statuses?.at(-1),
  ).toMatchObject({
    state: 'TASK_FAILED',
    message: 'Abnormal executor termination: unknown container',
  });
});

test('a clean-up after a reboot has nothing to wait for', () => {
  const before = createScene();
  before.register();
  before.run(commandTask('t'), { checkpoint: true });
  before.update('t', 'TASK_RUNNING');
  const after = createScene({ recover: 'cleanup' }, { disk: before.world.disk, alive: new Set() });
  after.post({ type: 'CheckpointsRead', recovered: readBack(before.world.disk) });
  expect(after.lines()).toContain('exit 0');
});
