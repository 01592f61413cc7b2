import { expect, test } from 'vitest';
import { createScene, customTask } from '../../../test/unit/agent/scene.ts';
import type { CallOrigin } from './events.ts';

const origin = {
  kind: 'http',
  request: 1,
  stream: 's',
  claims: undefined,
} as unknown as CallOrigin;

test('calls are refused in the order clients observe', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t', 'ex'));
  scene.lines();
  const call = (framework: string, executor: string, more: object = {}, from = origin) => {
    scene.post({
      type: 'ExecutorCall',
      origin: from,
      call: {
        frameworkId: { value: framework },
        executorId: { value: executor },
        type: 'MESSAGE',
        message: { data: new Uint8Array() },
        ...more,
      },
    });
    return scene.lines()[0] ?? 'accepted';
  };
  const { container } = scene.executor('ex');
  const claims = { fid: 'F', eid: 'ex', cid: 'other' };
  expect([
    call('nosuch', 'ex', { type: 'HEARTBEAT' }),
    call('nosuch', 'ex'),
    call('F', 'nosuch'),
    call('F', 'ex', {}, { ...origin, claims } as CallOrigin),
    call('F', 'ex', {}, { ...origin, claims: { ...claims, cid: container } } as CallOrigin),
    call('F', 'ex'),
    call('F', 'ex', { type: 'UNKNOWN' }),
  ]).toMatchInlineSnapshot(`
    [
      "accepted",
      "answer 400 Framework cannot be found",
      "answer 400 Executor cannot be found",
      "answer 403 403 Forbidden.",
      "answer 403 Executor is not subscribed",
      "answer 403 Executor is not subscribed",
      "answer 403 Executor is not subscribed",
    ]
  `);
  scene.call({ type: 'SUBSCRIBE', subscribe: {} }, scene.executor('ex'));
  scene.lines();
  expect(call('F', 'ex', { type: 'UNKNOWN' })).toBe('answer 501 501 Not Implemented.');
});

test('a custom executor subscribes, is launched, and hears every half hour', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t', 'ex'));
  scene.lines();
  const executor = scene.executor('ex');
  scene.call({ type: 'SUBSCRIBE', subscribe: {} }, executor);
  expect(scene.lines()).toEqual(['ex <- SUBSCRIBED', 'ex <- LAUNCH t']);
  scene.update('t', 'TASK_RUNNING', executor);
  scene.acknowledge();
  scene.lines();
  scene.run(customTask('t2', 'ex'), { launchExecutor: false });
  expect(scene.lines()).toEqual(['ex <- LAUNCH t2']);
  scene.wait(30 * 60_000 - 1);
  expect(scene.toExecutor.at(-1)?.type).toBe('LAUNCH');
  scene.wait(1);
  expect(scene.toExecutor.at(-1)?.type).toBe('HEARTBEAT');
});

test('a newer subscription closes the older one, and brings back what was not acknowledged', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t', 'ex'));
  const executor = scene.executor('ex');
  scene.call({ type: 'SUBSCRIBE', subscribe: {} }, executor);
  const first = executor.connection;
  scene.lines();
  const uuid = Uint8Array.of(1, 1, 1, 1, 1, 1, 0x41, 1, 1, 1, 1, 1, 1, 1, 1, 1);
  const status = {
    taskId: { value: 't' },
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    uuid,
  } as const;
  const subscribe = { unacknowledgedUpdates: [{ status }] };
  scene.call({ type: 'SUBSCRIBE', subscribe }, executor);
  expect(scene.performed).toContainEqual(
    expect.objectContaining({ type: 'closeStream', connection: first }),
  );
  // The second time nothing new is said to the master.
  scene.call({ type: 'SUBSCRIBE', subscribe }, executor);
  expect(scene.lines()).toMatchInlineSnapshot(`
    [
      "master <- StatusUpdate t TASK_RUNNING SOURCE_EXECUTOR",
      "ex <- ACKNOWLEDGED t",
      "ex <- SUBSCRIBED",
      "ex <- SUBSCRIBED",
      "ex <- ACKNOWLEDGED t",
    ]
  `);
});

test('what the agent knows of a container inside is added to an update that names it', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t', 'ex'));
  const executor = scene.executor('ex');
  scene.call({ type: 'SUBSCRIBE', subscribe: {} }, executor);
  const inner = { value: 'c', parent: { value: executor.container } };
  const status = {
    taskId: { value: 't' },
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    uuid: Uint8Array.of(2, 1, 1, 1, 1, 1, 0x41, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    containerStatus: { containerId: inner },
  } as const;
  scene.post({
    type: 'ExecutorCall',
    origin,
    call: {
      type: 'UPDATE',
      frameworkId: { value: 'F' },
      executorId: { value: 'ex' },
      update: { status },
    },
    status: { containerId: inner, executorPid: 12 },
  });
  const sent = scene.sent.at(-1);
  expect(sent?.name === 'StatusUpdateMessage' && sent.body.update.status.containerStatus).toEqual({
    containerId: inner,
    executorPid: 12,
    networkInfos: [{ ipAddresses: [{ ipAddress: '10.0.0.2' }] }],
  });
});

test('an executor whose container ends takes its tasks along; updates of unknown tasks go on', () => {
  const scene = createScene();
  scene.register();
  scene.run(customTask('t', 'ex'));
  const executor = scene.executor('ex');
  scene.call({ type: 'SUBSCRIBE', subscribe: {} }, executor);
  scene.lines();
  scene.update('stranger', 'TASK_RUNNING', executor);
  expect(scene.lines()).toEqual([
    'master <- StatusUpdate stranger TASK_RUNNING SOURCE_EXECUTOR',
    'ex <- ACKNOWLEDGED stranger',
  ]);
  const { frameworkId, id: executorId, container } = executor;
  const run = { frameworkId, executorId, container };
  scene.post({ type: 'ContainerTerminated', run, termination: { status: 1792 } });
  expect(scene.lines()).toEqual([
    'master <- ExitedExecutor ex 1792',
    'master <- StatusUpdate t TASK_FAILED SOURCE_AGENT REASON_EXECUTOR_TERMINATED "Executor terminated"',
  ]);
  expect(scene.executor('ex').life).toBe('TERMINATED');
  scene.acknowledge();
  expect(scene.state.frameworks.size).toBe(0);
});
