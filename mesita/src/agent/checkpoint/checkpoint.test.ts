import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger, Pid } from '@mesita/sdk/base';
import type { Task, TaskStatus } from '@mesita/sdk/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../actor/clock.ts';
import type { StatusUpdate } from '../../wire/types/internal.ts';
import { uuidText } from '../../wire/uuid.ts';
import type { CheckpointRecord } from '../core/effects.ts';
import type { RunRef } from '../core/state.ts';
import { metaPath, runPaths, taskPaths } from './paths.ts';
import { recoverCheckpoints } from './recover.ts';
import { createCheckpointWriter } from './write.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const run = {
  agentId: 'M-S0',
  frameworkId: 'F',
  executorId: 'ex',
  container: 'c1',
} as RunRef;
const agent = { hostname: 'here', id: { value: 'M-S0' }, port: 5051 };
const task: Task = {
  name: 't',
  taskId: { value: 't' },
  frameworkId: { value: 'F' },
  agentId: { value: 'M-S0' },
  state: 'TASK_STAGING',
};

function update(state: TaskStatus['state'], byte: number): StatusUpdate {
  const uuid = new Uint8Array(16).fill(byte);
  return {
    frameworkId: { value: 'F' },
    status: { taskId: { value: 't' }, state, uuid },
    timestamp: byte,
    uuid,
  };
}

const records: CheckpointRecord[] = [
  { kind: 'agent', info: agent, drain: { markGone: true } },
  {
    kind: 'framework',
    agentId: run.agentId,
    info: { id: { value: 'F' }, user: 'u', name: 'fw', checkpoint: true },
    pid: 'scheduler-1@10.0.0.3:99' as Pid,
  },
  {
    kind: 'executor',
    run,
    info: { executorId: { value: 'ex' }, frameworkId: { value: 'F' } },
    generated: true,
  },
  { kind: 'task', run, task, launch: { type: 'SHUTDOWN' } },
  { kind: 'subscribed', run },
];
const [first, second] = [update('TASK_STARTING', 1), update('TASK_RUNNING', 2)];
const growth: CheckpointRecord[] = [
  { kind: 'update', run, taskId: 't', record: { type: 'UPDATE', update: first } },
  { kind: 'update', run, taskId: 't', record: { type: 'ACK', uuid: first.uuid } },
  { kind: 'update', run, taskId: 't', record: { type: 'UPDATE', update: second } },
];

let workDir: string;
beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'mesita-checkpoint-'));
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

async function write(...batches: readonly CheckpointRecord[][]): Promise<void> {
  const writer = createCheckpointWriter({ workDir, clock: systemClock, log });
  await Promise.all(batches.map((batch) => writer.write(batch)));
  await writer.close();
}

const recover = (strict = true) => recoverCheckpoints({ workDir, strict, rebooted: false });
const updatesPath = () => taskPaths(runPaths(metaPath(workDir), run), 't').updates;

test('what was written is read back', async () => {
  await write(records, growth);
  const recovered = await recover();
  expect(recovered?.frameworks[0]).toMatchObject({
    id: 'F',
    pid: 'scheduler-1@10.0.0.3:99',
    executors: [
      {
        id: 'ex',
        generated: true,
        olderRuns: [],
        run: {
          container: 'c1',
          completed: false,
          http: true,
          forkedPid: undefined,
          tasks: [
            {
              task,
              launch: { type: 'SHUTDOWN' },
              updates: [first, second],
              acknowledged: [uuidText(first.uuid ?? new Uint8Array())],
            },
          ],
        },
      },
    ],
  });
  expect(recovered).toMatchObject({ info: agent, drain: { markGone: true } });
  await write([{ kind: 'agent', info: agent }]);
  expect((await recover())?.drain).toBeUndefined();
});

test('the files are those of a C++ agent', async () => {
  await write(records);
  const meta = metaPath(workDir);
  const info = await readFile(`${meta}/slaves/latest/slave.info`);
  expect(info.readUInt32LE(0)).toBe(info.length - 4);
  const executor = `${meta}/slaves/M-S0/frameworks/F/executors/ex`;
  expect(await readFile(`${meta}/slaves/M-S0/frameworks/F/framework.pid`, 'utf8')).toBe(
    'scheduler-1@10.0.0.3:99',
  );
  expect(await readFile(`${executor}/executor.generated`, 'utf8')).toBe('1');
  expect((await stat(`${executor}/runs/latest/pids/http.marker`)).size).toBe(0);
});

test('a newer run becomes the latest, the older one is left to be collected', async () => {
  const newer = { ...run, container: 'c2' } as RunRef;
  await write(records, [
    {
      kind: 'executor',
      run: newer,
      info: { executorId: { value: 'ex' }, frameworkId: { value: 'F' } },
      generated: false,
    },
  ]);
  const executor = (await recover())?.frameworks[0]?.executors[0];
  expect(executor).toMatchObject({ run: { container: 'c2' }, olderRuns: ['c1'], generated: false });
});

test('a record cut short by a crash is forgotten, wherever it was cut', async () => {
  await write(records, growth.slice(0, 2));
  const whole = (await stat(updatesPath())).size;
  await write(growth.slice(2));
  const full = await readFile(updatesPath());
  for (let size = whole; size < full.length; size += 3) {
    await writeFile(updatesPath(), full.subarray(0, size));
    const recovered = (await recover())?.frameworks[0]?.executors[0]?.run?.tasks[0];
    expect(recovered?.updates).toEqual([first]);
    expect((await stat(updatesPath())).size).toBe(whole);
  }
  // What is written next stands behind the last whole record.
  await write(growth.slice(2));
  expect((await recover())?.frameworks[0]?.executors[0]?.run?.tasks[0]?.updates).toHaveLength(2);
});

test('what was written of a framework that was not does not come back with it', async () => {
  const [agent, framework, ...others] = records;
  await write([agent!, ...others], growth);
  expect((await recover())?.frameworks).toEqual([]);
  await write([framework!]);
  expect((await recover())?.frameworks[0]).toMatchObject({ id: 'F', executors: [] });
});

test('damage is an error, or is counted when recovery is not strict', async () => {
  await write(records, growth);
  const path = taskPaths(runPaths(metaPath(workDir), run), 't').info;
  await truncate(path, 7);
  await expect(recover()).rejects.toThrow(/Failed to read task info from/);
  const lenient = await recover(false);
  expect(lenient?.errors).toHaveLength(1);
  expect(lenient?.frameworks[0]?.executors[0]?.run?.tasks).toEqual([]);
  await writeFile(path, '');
  expect((await recover())?.errors).toEqual([]);
});

test('an update file full of noise is damage, not a crash', async () => {
  await write(records);
  await appendFile(updatesPath(), Buffer.from([255, 255, 255, 255, 1, 2, 3]));
  await expect(recover()).rejects.toThrow(/Failed to read status updates file/);
  expect((await recover(false))?.errors).toHaveLength(1);
});

test('a directory that no agent used has nothing to recover', async () => {
  expect(await recover()).toBeUndefined();
});
