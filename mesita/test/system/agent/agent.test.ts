import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  commandTask,
  customTask,
  type FakeMaster,
  type RunningAgent,
  startAgent,
  startMaster,
} from './scene.ts';

let master: FakeMaster;
let running: RunningAgent;

beforeEach(async () => {
  master = await startMaster();
  running = await startAgent(master);
  await until(() => running.agent.state.life === 'RUNNING');
});
afterEach(async () => {
  await running.end();
  await master.close();
});

function until(condition: () => unknown): Promise<unknown> {
  return vi.waitUntil(condition, { timeout: 30_000, interval: 10 });
}

const states = (task: string) =>
  master.statuses.filter(({ taskId }) => taskId.value === task).map(({ state }) => state);
const names = () => master.received.map(({ name }) => name.replace('mesos.internal.', ''));

test('command tasks run, leave their output, and tell how they ended', async () => {
  master.run(commandTask('good', 'echo out; echo err >&2'));
  master.run(commandTask('bad', 'exit 3'));
  await until(() => states('good').length === 3 && states('bad').length === 3);
  expect(states('good')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
  expect(states('bad')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED']);
  const last = master.statuses.findLast(({ taskId }) => taskId.value === 'bad');
  expect(last).toMatchObject({
    message: 'Command exited with status 3',
    source: 'SOURCE_EXECUTOR',
    containerStatus: { networkInfos: [{ ipAddresses: [{ ipAddress: '127.0.0.1' }] }] },
  });
  const sandbox = join(running.root, 'work/slaves/M-S0/frameworks/F/executors/good/runs/latest');
  expect(readFileSync(join(sandbox, 'stdout'), 'utf8')).toBe('out\n');
  const virtual = '/frameworks/F/executors/good/runs/latest';
  expect(running.files.attached.has(virtual)).toBe(true);
  await until(() => running.agent.state.frameworks.size === 0);
  expect(names()).not.toContain('ExitedExecutorMessage');
});

test('a kill ends the task with SIGTERM', async () => {
  master.run(commandTask('t', 'sleep 1000'));
  await until(() => states('t').includes('TASK_RUNNING'));
  master.send('KillTask', { frameworkId: { value: 'F' }, taskId: { value: 't' } });
  await until(() => states('t').includes('TASK_KILLED'));
  expect(master.statuses.at(-1)?.message).toBe('Command terminated with signal Terminated');
});

test('a task of an unknown user is lost with the reason', async () => {
  const task = commandTask('t', 'true');
  master.run({ ...task, command: { value: 'true', user: 'nosuchuser' } });
  await until(() => states('t').length === 1);
  expect(master.statuses[0]).toMatchObject({
    state: 'TASK_LOST',
    reason: 'REASON_EXECUTOR_TERMINATED',
    message: expect.stringMatching(
      /^Failed to create executor directory '.*': Failed to chown directory to 'nosuchuser': No such user 'nosuchuser'$/,
    ),
  });
});

test('a pod runs its tasks in containers of their own', async () => {
  const executor = {
    type: 'DEFAULT' as const,
    executorId: { value: 'de' },
    resources: commandTask('x', '').resources,
  };
  master.send('RunTaskGroup', {
    framework: { id: { value: 'F' }, user: 'root', name: 'fw' },
    executor,
    taskGroup: { tasks: [commandTask('a', 'sleep 0.2'), commandTask('b', 'true')] },
    launchExecutor: true,
  });
  await until(() => names().includes('ExitedExecutorMessage'));
  expect(states('a')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
  expect(states('b')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
  const status = master.statuses.find(
    ({ taskId, state }) => taskId.value === 'a' && state === 'TASK_RUNNING',
  );
  expect(status?.containerStatus?.containerId?.parent).toBeDefined();
  expect(status?.containerStatus?.executorPid).toBeGreaterThan(0);
});

test('an agent that comes back takes up its tasks where they are', async () => {
  master.run(commandTask('t', 'sleep 1000'), { checkpoint: true });
  master.run(commandTask('quick', 'while [ ! -e done ]; do sleep 0.05; done; exit 4'), {
    checkpoint: true,
  });
  master.run(commandTask('forgotten', 'sleep 1000'));
  await until(() => ['t', 'quick', 'forgotten'].every((id) => states(id).includes('TASK_RUNNING')));
  // Otherwise what is not known to be acknowledged would rightly be told again.
  const { streams } = running.agent.state;
  await until(() => [...streams.values()].every(({ pending }) => pending.length === 0));
  const { root, url } = running;
  const sandbox = join(root, 'work/slaves/M-S0/frameworks/F/executors/quick/runs/latest');
  await running.abandon();
  // It ends while no agent is there to see it.
  writeFileSync(join(sandbox, 'done'), '');
  running = await startAgent(master, root, Number(new URL(url).port));
  await until(() => running.agent.state.life === 'RUNNING');
  await until(() => states('quick').includes('TASK_FAILED'));
  expect(master.statuses.at(-1)?.message).toBe('Command exited with status 4');
  master.send('KillTask', { frameworkId: { value: 'F' }, taskId: { value: 't' } });
  await until(() => states('t').includes('TASK_KILLED'));
  expect(states('t')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLED']);
});

test('a second agent on the same work directory is refused', async () => {
  await expect(startAgent(master, running.root)).rejects.toThrow(
    /Another agent \(process \d+\) is running on the work directory/,
  );
});

test('a full disk makes tasks wait, not lie', async () => {
  const { root } = running;
  await running.end();
  mkdirSync(join(root, 'work'), { recursive: true });
  // A disk of its own for the work directory, which can be filled.
  const mounted = spawnSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    'size=256k',
    'none',
    join(root, 'work'),
  ]);
  try {
    running = await startAgent(master, root);
    if (mounted.status !== 0) return;
    await until(() => running.agent.state.life === 'RUNNING');
    const filler = join(root, 'work', 'filler');
    fillDisk(filler);
    master.run(commandTask('t', 'true'), { checkpoint: true });
    await until(() => running.errors.includes('disk is full: checkpoints wait for room'));
    expect(states('t')).toEqual([]);
    rmSync(filler);
    // The sandbox may have been refused: then that is told, once it can be kept.
    await until(() => states('t').some((state) => /FINISHED|LOST/.test(state)));
    expect(running.exits).toEqual([]);
  } finally {
    await running.end().catch(() => undefined);
    spawnSync('umount', ['-l', join(root, 'work')]);
    rmSync(root, { recursive: true, force: true });
    running = await startAgent(master);
  }
});

test('an agent with other resources is refused by its own past', async () => {
  const { root, url } = running;
  await running.abandon();
  const port = Number(new URL(url).port);
  await expect(startAgent(master, root, port, 'cpus:1')).rejects.toThrow(
    /^Failed to perform recovery: Incompatible agent info detected/,
  );
  running = await startAgent(master, root, port);
});

test('a custom executor speaks HTTP, is reconnected, and is missed when it dies', async () => {
  master.run(customTask('t', 'ex'), { checkpoint: true });
  await vi.waitFor(async () => expect(await running.containerizer.containers()).toHaveLength(1));
  const executor = speakAs('ex');
  const first = await executor.subscribe();
  await until(() => first.events.length === 2);
  expect(first.events.map(({ type }) => type)).toEqual(['SUBSCRIBED', 'LAUNCH']);
  expect(await executor.update('t', 'TASK_RUNNING')).toBe(202);
  await until(() => first.events.some(({ type }) => type === 'ACKNOWLEDGED'));
  const data = Buffer.from('hi').toString('base64');
  expect(await executor.call({ type: 'MESSAGE', message: { data } })).toBe(202);
  await until(() => names().includes('ExecutorToFrameworkMessage'));

  const { root, url } = running;
  await running.abandon();
  await first.closed;
  running = await startAgent(master, root, Number(new URL(url).port));
  await until(() => running.agent.state.acceptsExecutors);
  const second = await executor.subscribe();
  await until(() => running.agent.state.life === 'RUNNING');
  await until(() => second.events.length > 0);
  expect(await executor.update('t', 'TASK_RUNNING')).toBe(202);

  const [id] = await running.containerizer.containers();
  if (id) await running.containerizer.destroy(id);
  await until(() => states('t').includes('TASK_FAILED'));
  await second.closed;
  expect(names().indexOf('ExitedExecutorMessage')).toBeLessThan(names().length - 1);
  expect(master.statuses.at(-1)).toMatchObject({
    message: 'Executor terminated',
    reason: 'REASON_EXECUTOR_TERMINATED',
  });
});

test('operators can count what there is', async () => {
  master.run(commandTask('t', 'sleep 1000'));
  await until(() => states('t').includes('TASK_RUNNING'));
  const metrics = await running.metrics.snapshot();
  const picked = ['registered', 'tasks_running', 'cpus_total', 'cpus_used', 'executors_running'];
  expect(picked.map((name) => metrics.get(`slave/${name}`))).toEqual([1, 1, 4, 0.2, 1]);
});

function fillDisk(path: string): void {
  for (const size of [4096, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size));
    } catch {
      // It is full.
    }
  }
}

interface Stream {
  readonly events: { readonly type: string }[];
  readonly closed: Promise<void>;
}

function speakAs(executor: string) {
  const names = { executor_id: { value: executor }, framework_id: { value: 'F' } };
  const post = (body: object) =>
    fetch(`${running.url}/api/v1/executor`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ ...names, ...body }),
    });
  return {
    async subscribe(): Promise<Stream> {
      const response = await post({ type: 'SUBSCRIBE', subscribe: {} });
      expect(response.status).toBe(200);
      const events: { type: string }[] = [];
      return { events, closed: readEvents(response, events) };
    },
    call: async (body: object) => (await post(body)).status,
    async update(task: string, state: string) {
      const uuid = Buffer.from(crypto.randomUUID().replaceAll('-', ''), 'hex').toString('base64');
      const status = { task_id: { value: task }, state, source: 'SOURCE_EXECUTOR', uuid };
      return (await post({ type: 'UPDATE', update: { status } })).status;
    },
  };
}

async function readEvents(response: Response, events: { type: string }[]): Promise<void> {
  let text = '';
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      for (let line = text.indexOf('\n'); line > 0; line = text.indexOf('\n')) {
        const length = Number(text.slice(0, line));
        if (text.length < line + 1 + length) break;
        events.push(JSON.parse(text.slice(line + 1, line + 1 + length)));
        text = text.slice(line + 1 + length);
      }
    }
  } catch {
    // The agent is gone.
  }
}
