import type { Pid } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import {
  agentId,
  commandTask,
  createScene,
  customTask,
  framework,
  masterPid,
} from '../../../test/unit/agent/scene.ts';

test('an agent registers, repeats itself until it is heard, and reports its resources', () => {
  const scene = createScene();
  scene.post({ type: 'CheckpointsRead', recovered: undefined });
  scene.wait(1000);
  scene.wait(3000);
  expect(scene.lines().slice(0, 2)).toEqual(['master <- RegisterSlave', 'master <- RegisterSlave']);
  scene.fromMaster('SlaveRegisteredMessage', { agentId });
  expect(scene.state.life).toBe('RUNNING');
  expect(scene.world.disk).toEqual([{ kind: 'agent', info: scene.state.info }]);
  expect(scene.lines()).toContain('master <- UpdateSlave');
  scene.wait(60_000);
  expect(scene.lines()).toEqual([]);
});

test('messages of other masters, one that was replaced perhaps, are not heard', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t'));
  const from = 'master@10.9.9.9:1' as Pid;
  const [known] = scene.state.frameworks.values();
  const frameworkId = known!.info.id!;
  scene.lines();
  for (const event of [
    { type: 'ShutdownMessage', message: {} },
    { type: 'SlaveRegisteredMessage', message: { agentId: { value: 'other' } } },
    { type: 'SlaveReregisteredMessage', message: { agentId: { value: 'other' } } },
    {
      type: 'RunTaskMessage',
      message: { framework: known!.info, pid: '', task: commandTask('late') },
    },
    { type: 'KillTaskMessage', message: { frameworkId, taskId: { value: 't' } } },
    { type: 'ShutdownFrameworkMessage', message: { frameworkId } },
    { type: 'ShutdownExecutorMessage', message: { frameworkId, executorId: { value: 't' } } },
    { type: 'UpdateFrameworkMessage', message: { frameworkId, pid: '' } },
    { type: 'DrainSlaveMessage', message: { config: { markGone: true } } },
    { type: 'CheckpointResourcesMessage', message: { resources: [] } },
  ] as const) {
    scene.post({ from, ...event } as never);
    expect([event.type, scene.lines()]).toEqual([event.type, []]);
  }
  expect(scene.state.life).toBe('RUNNING');
  expect([known?.life, known?.executors.size]).toEqual(['RUNNING', 1]);
  // It is answered, for the wire wants it; whether the leader lives it does not tell.
  scene.wait(70_000);
  scene.post({ type: 'PingSlaveMessage', from, message: { connected: false } });
  expect(scene.state.life).toBe('RUNNING');
  scene.wait(10_000);
  expect(scene.state.life).toBe('DISCONNECTED');
});

test('a silent, a forgetful and a lost master are registered with again', () => {
  const scene = createScene();
  scene.register();
  scene.lines();
  scene.fromMaster('PingSlaveMessage', { connected: true });
  scene.wait(74_000);
  expect(scene.lines()).toEqual(['master <- PongSlave']);
  scene.wait(2500);
  expect(scene.lines()).toContain('master <- ReregisterSlave []');
  scene.fromMaster('SlaveReregisteredMessage', { agentId });
  scene.fromMaster('PingSlaveMessage', { connected: false });
  expect(scene.state.life).toBe('DISCONNECTED');
  scene.wait(1000);
  scene.fromMaster('SlaveReregisteredMessage', { agentId });
  scene.post({ type: 'MasterExited', pid: masterPid });
  expect(scene.state.life).toBe('DISCONNECTED');
});

test('a command task runs from assignment to acknowledgement', () => {
  const scene = createScene();
  scene.register();
  scene.lines();
  scene.run(commandTask('t'));
  scene.update('t', 'TASK_STARTING');
  scene.update('t', 'TASK_RUNNING');
  scene.acknowledge();
  scene.update('t', 'TASK_FINISHED');
  scene.acknowledge();
  const executor = scene.executor();
  scene.post({
    type: 'ContainerTerminated',
    run: {
      frameworkId: executor.frameworkId,
      executorId: executor.id,
      container: executor.container,
    },
    termination: { status: 0 },
  });
  scene.acknowledge();
  expect(scene.lines()).toMatchInlineSnapshot(`
    [
      "launch t",
      "t <- SUBSCRIBED",
      "t <- LAUNCH t",
      "master <- StatusUpdate t TASK_STARTING SOURCE_EXECUTOR",
      "t <- ACKNOWLEDGED t",
      "t <- ACKNOWLEDGED t",
      "master <- StatusUpdate t TASK_RUNNING SOURCE_EXECUTOR",
      "t <- ACKNOWLEDGED t",
      "master <- StatusUpdate t TASK_FINISHED SOURCE_EXECUTOR",
    ]
  `);
  expect(scene.state.frameworks.size).toBe(0);
  expect(scene.state.completedFrameworks[0]?.completedExecutors[0]?.completedTasks).toHaveLength(1);
  expect(scene.state.streams.size).toBe(0);
});

test('the executor of a command task shows as Mesos makes it', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t', 'sleep 300 and more'));
  expect(scene.executor().info).toMatchInlineSnapshot(`
    {
      "command": {
        "arguments": [
          "mesos-executor",
          "--launcher_dir=/usr/libexec/mesos",
        ],
        "shell": false,
        "value": "/usr/libexec/mesos/mesos-executor",
      },
      "executorId": {
        "value": "t",
      },
      "frameworkId": {
        "value": "F",
      },
      "name": "Command Executor (Task: t) (Command: sh -c 'sleep 300 an...')",
      "resources": [
        {
          "allocationInfo": {
            "role": "*",
          },
          "name": "cpus",
          "scalar": {
            "value": 0.1,
          },
          "type": "SCALAR",
        },
        {
          "allocationInfo": {
            "role": "*",
          },
          "name": "mem",
          "scalar": {
            "value": 32,
          },
          "type": "SCALAR",
        },
      ],
      "source": "t",
    }
  `);
});

test('a kill before delivery ends the task here and now', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t', 'ex'));
  scene.lines();
  scene.fromMaster('KillTaskMessage', { frameworkId: { value: 'F' }, taskId: { value: 't' } });
  expect(scene.lines()).toEqual([
    'master <- StatusUpdate t TASK_KILLED SOURCE_AGENT REASON_TASK_KILLED_DURING_LAUNCH "Killed before delivery to the executor"',
  ]);
  scene.call({ type: 'SUBSCRIBE', subscribe: {} }, scene.executor('ex'));
  expect(scene.lines()).toEqual(['ex <- SHUTDOWN']);
});

test('a command that is killed while its container starts is over when the container is', () => {
  const scene = createScene();
  scene.register();
  scene.world.holdsLaunches = true;
  scene.run(commandTask('t'));
  scene.lines();
  scene.fromMaster('KillTaskMessage', { frameworkId: { value: 'F' }, taskId: { value: 't' } });
  expect(scene.lines()).toEqual(['destroy container']);
  const { frameworkId, id: executorId, container } = scene.executor();
  const run = { frameworkId, executorId, container };
  scene.world.alive.add(container);
  const status = { containerId: { value: container } };
  scene.post({ type: 'ContainerLaunched', run, result: { ok: true, value: status } });
  expect(scene.lines().at(-1)).toMatch(
    /^master <- StatusUpdate t TASK_KILLED SOURCE_AGENT REASON_TASK_KILLED_DURING_LAUNCH/,
  );
});

test('a kill that finds nobody says so in words the framework knows', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t'), { partitionAware: true });
  scene.lines();
  scene.fromMaster('KillTaskMessage', { frameworkId: { value: 'F' }, taskId: { value: 'x' } });
  expect(scene.lines()).toEqual([
    'master <- StatusUpdate x TASK_DROPPED SOURCE_AGENT REASON_EXECUTOR_TERMINATED "Cannot find executor"',
  ]);
});

test('an executor that never subscribes is asked to go, then killed; its exit comes first', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t1', 'ex'));
  scene.run(customTask('t2', 'ex'), { launchExecutor: false });
  scene.lines();
  scene.fromMaster('ShutdownExecutorMessage', {
    frameworkId: { value: 'F' },
    executorId: { value: 'ex' },
  });
  scene.wait(5000);
  expect(scene.lines()).toMatchInlineSnapshot(`
    [
      "destroy container",
      "master <- ExitedExecutor ex 9",
      "master <- StatusUpdate t1 TASK_FAILED SOURCE_AGENT REASON_EXECUTOR_TERMINATED "Executor terminated"",
      "master <- StatusUpdate t2 TASK_FAILED SOURCE_AGENT REASON_EXECUTOR_TERMINATED "Executor terminated"",
    ]
  `);
});

test('a directory that cannot be made loses the task, with the reason', () => {
  const scene = createScene();
  scene.register();
  scene.lines();
  scene.world.directoryResult = { ok: false, error: "Failed to create executor directory '/x'" };
  scene.run(commandTask('t'));
  expect(scene.lines()).toEqual([
    `master <- StatusUpdate t TASK_LOST SOURCE_AGENT REASON_EXECUTOR_TERMINATED "Failed to create executor directory '/x'"`,
  ]);
  scene.wait(10_000);
  expect(scene.lines()).toHaveLength(1);
  scene.acknowledge();
  expect(scene.state.frameworks.size + scene.state.streams.size).toBe(0);
});

test('a container that does not start fails the task', () => {
  const scene = createScene();
  scene.register();
  scene.lines();
  scene.world.launchResult = { ok: false, error: 'no such image' };
  scene.run(commandTask('t'));
  expect(scene.lines()).toEqual([
    'launch t',
    'master <- StatusUpdate t TASK_FAILED SOURCE_AGENT REASON_CONTAINER_LAUNCH_FAILED "Failed to launch container: no such image"',
  ]);
});

test('an executor that stays away is given up', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t', 'ex'));
  scene.lines();
  scene.wait(60_000);
  expect(scene.lines()).toEqual([
    'destroy container',
    'master <- ExitedExecutor ex 9',
    'master <- StatusUpdate t TASK_FAILED SOURCE_AGENT REASON_EXECUTOR_REGISTRATION_TIMEOUT "Executor did not register within 1mins"',
  ]);
});

test('assignments that cannot be are refused', () => {
  const scene = createScene();
  scene.register();
  scene.lines();
  scene.run(customTask('t', 'ex'), { launchExecutor: false });
  scene.run({ ...commandTask('t'), agentId: { value: 'other' } });
  scene.run(commandTask('t'));
  scene.run(commandTask('t'));
  scene.fromMaster('RunTaskMessage', {
    framework: framework(),
    task: commandTask('old'),
    resourceVersionUuids: [{ uuid: { value: new Uint8Array(16) } }],
  });
  expect(scene.lines()).toMatchInlineSnapshot(`
    [
      "master <- StatusUpdate t TASK_LOST SOURCE_AGENT REASON_EXECUTOR_TERMINATED "No executor is expected to launch and there is none running"",
      "launch t",
      "t <- SUBSCRIBED",
      "t <- LAUNCH t",
      "master <- StatusUpdate old TASK_LOST SOURCE_AGENT REASON_INVALID_OFFERS "Task assumes outdated resource state"",
    ]
  `);
});

test('a framework that is shut down takes its executors along and owes nobody', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t'), { checkpoint: true });
  scene.update('t', 'TASK_RUNNING');
  scene.lines();
  scene.fromMaster('ShutdownFrameworkMessage', { frameworkId: { value: 'F' } });
  scene.wait(5000);
  expect(scene.lines()).toEqual(['t <- SHUTDOWN', 'destroy container']);
  expect(scene.state.frameworks.size).toBe(0);
  expect(scene.state.streams.size).toBe(0);
});

test('an agent that leaves unregisters, ends its executors, and then itself', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t'));
  scene.update('t', 'TASK_RUNNING');
  scene.lines();
  scene.post({ type: 'Leave', message: 'going' });
  scene.wait(5000);
  expect(scene.lines()).toEqual([
    'master <- UnregisterSlave',
    't <- SHUTDOWN',
    'destroy container',
    'exit 0',
  ]);
});

test('tasks that the master counts on and the agent never saw are reported lost', () => {
  const scene = createScene();
  scene.register();
  scene.post({ type: 'MasterExited', pid: masterPid });
  scene.wait(1000);
  scene.lines();
  const status = (id: string) => ({ taskId: { value: id }, state: 'TASK_RUNNING' }) as const;
  scene.fromMaster('SlaveReregisteredMessage', {
    agentId,
    reconciliations: [
      { frameworkId: { value: 'F' }, statuses: [status('x')] },
      { frameworkId: { value: 'G' }, statuses: [status('y')], framework: framework(false, true) },
    ],
  });
  expect(scene.lines()).toEqual([
    'master <- UpdateSlave',
    'master <- StatusUpdate x TASK_LOST SOURCE_AGENT REASON_RECONCILIATION "Reconciliation: task unknown to the agent"',
    'master <- StatusUpdate y TASK_DROPPED SOURCE_AGENT REASON_RECONCILIATION "Reconciliation: task unknown to the agent"',
  ]);
});

test('a drained agent kills its tasks, says why, takes no more, and is done with the last', () => {
  const scene = createScene();
  scene.register();
  const grace = (seconds: bigint) => ({ gracePeriod: { nanoseconds: seconds * 1_000_000_000n } });
  scene.run({ ...customTask('t', 'ex'), killPolicy: grace(60n) }, { checkpoint: true });
  scene.call({ type: 'SUBSCRIBE', subscribe: {} }, scene.executor('ex'));
  const maxGracePeriod = { nanoseconds: 5_000_000_000n };
  scene.lines();
  scene.fromMaster('DrainSlaveMessage', { config: { maxGracePeriod } });
  expect(scene.toExecutor.at(-1)).toEqual({
    type: 'KILL',
    kill: { taskId: { value: 't' }, killPolicy: { gracePeriod: maxGracePeriod } },
  });
  scene.run(commandTask('late'), { checkpoint: true });
  scene.update('t', 'TASK_KILLED', scene.executor('ex'));
  expect(scene.lines()).toEqual([
    'ex <- KILL t',
    'master <- StatusUpdate late TASK_LOST SOURCE_AGENT REASON_AGENT_DRAINING "Task was received while agent was already draining"',
    'master <- StatusUpdate t TASK_KILLED SOURCE_EXECUTOR REASON_AGENT_DRAINING',
    'ex <- ACKNOWLEDGED t',
  ]);
  scene.acknowledge();
  const { frameworkId, id: executorId, container } = scene.executor('ex');
  const run = { frameworkId, executorId, container };
  scene.post({ type: 'ContainerTerminated', run, termination: { status: 0 } });
  expect(scene.state.drain).toBeUndefined();
  expect(scene.world.disk.at(-1)).toEqual({ kind: 'agent', info: scene.state.info });
});
