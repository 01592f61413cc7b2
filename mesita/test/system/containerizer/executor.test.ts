import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerID, TaskInfo, TaskStatus } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCommandExecutor } from '../../../src/executor/command-executor.ts';
import { createDefaultExecutor } from '../../../src/executor/default-executor.ts';
import type { BuiltinExecutor, CreateBuiltinExecutor } from '../../../src/executor/executor.ts';
import { clock, createScene, log, rootId, type Scene, shellConfig, until } from './scene.ts';

// Built-in executors over real containers, with an agent that only acknowledges.

let scene: Scene;

beforeEach(async () => {
  scene = await createScene();
});

afterEach(async () => {
  await scene.end();
});

interface Run {
  readonly executor: BuiltinExecutor;
  readonly statuses: TaskStatus[];
  readonly over: Promise<void>;
}

function start(create: CreateBuiltinExecutor, id: ContainerID, first: api.Event): Run {
  const { containerizer } = scene;
  const statuses: TaskStatus[] = [];
  const info = { executorId: { value: 'e' } };
  const framework = { user: 'u', name: 'f', id: { value: 'f' } };
  const call = ({ type, update }: api.Call): void => {
    if (type === 'SUBSCRIBE') {
      const agentInfo = { hostname: 'h', id: { value: 'agent' } };
      const subscribed = { executorInfo: info, frameworkInfo: framework, agentInfo };
      executor.receive({ type: 'SUBSCRIBED', subscribed });
      executor.receive(first);
    }
    if (!update) return;
    const { taskId, uuid = new Uint8Array() } = update.status;
    statuses.push(update.status);
    queueMicrotask(() => {
      executor.receive({ type: 'ACKNOWLEDGED', acknowledged: { taskId, uuid } });
    });
  };
  const executor = create({
    framework: { ...framework, capabilities: [{ type: 'TASK_KILLING_STATE' }] },
    executor: info,
    container: id,
    sandbox: scene.sandbox(id.value),
    shutdownGracePeriodMs: 5000,
    containers: {
      ...containerizer,
      async launchNested(nested, config) {
        await containerizer.launch({ id: nested, config, environment: {} });
      },
    },
    clock,
    log,
    uuid: () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
    call,
  });
  const over = containerizer.wait(id).then((termination) => executor.terminated(termination));
  return { executor, statuses, over };
}

function task(id: string, value: string, more: Partial<TaskInfo> = {}): TaskInfo {
  const taskId = { value: id };
  return { name: id, taskId, agentId: { value: 'agent' }, command: { value }, ...more };
}

async function runTask(info: TaskInfo): Promise<Run> {
  const id = rootId(info.name);
  const config = shellConfig(scene.sandbox(id.value), '', { taskInfo: info });
  await scene.containerizer.launch({ id, config, environment: { PATH: '/usr/bin:/bin' } });
  return start(createCommandExecutor, id, { type: 'LAUNCH', launch: { task: info } });
}

async function runPod(name: string, tasks: TaskInfo[]): Promise<Run> {
  const id = rootId(name);
  const executorInfo = { executorId: { value: 'e' }, type: 'DEFAULT' as const };
  const config = shellConfig(scene.sandbox(name), '', { executorInfo });
  await scene.containerizer.launch({ id, config, environment: {} });
  const launchGroup = { taskGroup: { tasks } };
  return start(createDefaultExecutor, id, { type: 'LAUNCH_GROUP', launchGroup });
}

const states = ({ statuses }: Run): string[] =>
  statuses.map(({ taskId, state }) => `${taskId.value} ${state}`);

test('a command task', async () => {
  const run = await runTask(task('quick', 'exit 0'));
  await run.over;
  expect(states(run)).toEqual(['quick TASK_STARTING', 'quick TASK_RUNNING', 'quick TASK_FINISHED']);
});

test('a command check sees what the task sees', async () => {
  const command = { command: { value: 'test -f ok || exit 3' } };
  const check = { type: 'COMMAND' as const, command, delaySeconds: 0.05, intervalSeconds: 0.05 };
  const wait = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.05; done`;
  const script = `touch ok; ${wait('next')}; rm ok; ${wait('end')}`;
  const run = await runTask(task('checked', script, { check }));
  const codes = (): (number | undefined)[] =>
    run.statuses.map(({ checkStatus }) => checkStatus?.command?.exitCode);
  await until(() => codes().at(-1) === 0);
  writeFileSync(join(scene.sandbox('checked'), 'next'), '');
  await until(() => codes().at(-1) === 3);
  writeFileSync(join(scene.sandbox('checked'), 'end'), '');
  await run.over;
  // A check may start before the file is there, so codes in between are not told in full.
  expect(codes().slice(0, 2)).toEqual([undefined, undefined]);
  expect(codes().slice(-3)).toEqual([0, 3, undefined]);
});

test('an unhealthy task is killed', async () => {
  const healthCheck = {
    type: 'COMMAND' as const,
    command: { value: 'test -f ok' },
    delaySeconds: 0.05,
    intervalSeconds: 0.05,
    gracePeriodSeconds: 0,
    consecutiveFailures: 2,
  };
  const run = await runTask(task('sick', 'sleep 1060', { healthCheck }));
  await run.over;
  expect(run.statuses.slice(2).map(({ state, healthy }) => [state, healthy])).toEqual([
    ['TASK_RUNNING', false],
    ['TASK_RUNNING', false],
    ['TASK_KILLING', undefined],
    ['TASK_KILLED', false],
  ]);
});

test('a pod ends when its tasks did, with status 0', async () => {
  const run = await runPod('pod', [task('a', 'echo $MESOS_SANDBOX; sleep 0.2'), task('b', 'true')]);
  const end = scene.containerizer.wait(rootId('pod'));
  expect(await end).toEqual({ status: 0 });
  expect(states(run).sort()).toEqual([
    'a TASK_FINISHED',
    'a TASK_RUNNING',
    'a TASK_STARTING',
    'b TASK_FINISHED',
    'b TASK_RUNNING',
    'b TASK_STARTING',
  ]);
  expect(scene.read('work/pod/tasks/a/stdout')).toContain('work/pod/containers/');
});

test('one failed task ends its pod', async () => {
  const run = await runPod('pod', [task('a', 'sleep 0.2; exit 1'), task('b', 'sleep 1061')]);
  await run.over;
  expect(states(run).slice(-3)).toEqual(['a TASK_FAILED', 'b TASK_KILLING', 'b TASK_KILLED']);
});
