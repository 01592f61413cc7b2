import { cp, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../actor/clock.ts';
import type { StatusUpdate } from '../../wire/types/internal.ts';
import type { CheckpointRecord } from '../core/effects.ts';
import type { RunRef } from '../core/state.ts';
import { replayJournal } from './journal.ts';
import { agentPath, journalPath, metaPath } from './paths.ts';
import { recoverCheckpoints } from './recover.ts';
import { createCheckpointWriter } from './write.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const run = { agentId: 'M-S0', frameworkId: 'F', executorId: 'ex', container: 'c' } as RunRef;
const info = { hostname: 'here', id: { value: 'M-S0' }, port: 5051 };

const launch: CheckpointRecord[] = [
  { kind: 'agent', info },
  {
    kind: 'framework',
    agentId: run.agentId,
    info: { id: { value: 'F' }, user: 'u', name: 'f', checkpoint: true },
    pid: undefined,
  },
  {
    kind: 'executor',
    run,
    info: { executorId: { value: 'ex' }, frameworkId: { value: 'F' } },
    generated: true,
  },
  {
    kind: 'task',
    run,
    task: {
      name: 't',
      taskId: { value: 't' },
      frameworkId: { value: 'F' },
      agentId: info.id,
      state: 'TASK_STAGING',
    },
    launch: { type: 'SHUTDOWN' },
  },
];

function update(number: number): CheckpointRecord {
  const uuid = new Uint8Array(16).fill(number);
  const update: StatusUpdate = {
    frameworkId: { value: 'F' },
    status: { taskId: { value: 't' }, state: 'TASK_RUNNING', uuid },
    timestamp: number,
    uuid,
  };
  return { kind: 'update', run, taskId: 't', record: { type: 'UPDATE', update } };
}

let workDir: string;
let meta: string;
beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'mesita-journal-'));
  meta = metaPath(workDir);
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

const openWriter = (journalBytes?: number) =>
  createCheckpointWriter({
    workDir,
    clock: systemClock,
    log,
    ...(journalBytes !== undefined && { journalBytes }),
  });

/** The worst that a power cut may leave: only what was synced. */
async function cutPower(): Promise<void> {
  await rm(`${agentPath(meta, run.agentId)}/frameworks`, { recursive: true, force: true });
}

async function recoveredUpdates(): Promise<readonly number[] | undefined> {
  await replayJournal(meta);
  const recovered = await recoverCheckpoints({ workDir, strict: true, rebooted: true });
  const [task] = recovered?.frameworks[0]?.executors[0]?.run?.tasks ?? [];
  return task?.updates.map(({ timestamp }) => timestamp ?? 0);
}

test('what was written is there after a power cut, and after a second one', async () => {
  const writer = openWriter();
  await writer.write([...launch, update(1)]);
  await writer.write([update(2)]);
  for (let cuts = 0; cuts < 2; cuts++) {
    await cutPower();
    expect(await recoveredUpdates()).toEqual([1, 2]);
  }
  await writer.close();
  const next = openWriter();
  await next.write([update(3)]);
  await cutPower();
  expect(await recoveredUpdates()).toEqual([1, 2, 3]);
  await next.close();
});

test('nothing counts as written before it is on the disk, and all that waits is one sync', async () => {
  const handle = await open(join(workDir, 'any'), 'w');
  const prototype = Object.getPrototypeOf(handle) as { datasync(): Promise<void> };
  await handle.close();
  const { datasync } = prototype;
  const writer = openWriter();
  await writer.write(launch);
  let syncs = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  prototype.datasync = async function (this: unknown) {
    syncs++;
    await held;
    return datasync.call(this);
  };
  try {
    const written: number[] = [];
    const all = [1, 2, 3, 4].map((n) => writer.write([update(n)]).then(() => written.push(n)));
    await expect.poll(() => syncs).toBe(1);
    // The file has it already, as every reader sees; a power cut would not find it.
    expect(written).toEqual([]);
    release();
    await Promise.all(all);
    expect(written).toEqual([1, 2, 3, 4]);
    expect(syncs).toBeLessThanOrEqual(2);
  } finally {
    prototype.datasync = datasync;
  }
  await writer.close();
});

test('a journal cut anywhere tells of a beginning, never of something else', async () => {
  const writer = openWriter();
  await writer.write(launch);
  for (let number = 1; number <= 5; number++) await writer.write([update(number)]);
  await writer.close();
  const path = join(journalPath(meta), '1');
  const whole = await readFile(path);
  const end = whole.findLastIndex((byte) => byte !== 0) + 1;
  await fc.assert(
    fc.asyncProperty(fc.nat(end), fc.uint8Array({ maxLength: 40 }), async (at, noise) => {
      await cutPower();
      await writeFile(path, Buffer.concat([whole.subarray(0, at), noise]));
      const found = (await recoveredUpdates()) ?? [];
      expect(found).toEqual([1, 2, 3, 4, 5].slice(0, found.length));
    }),
    { numRuns: 40 },
  );
  await cutPower();
  await writeFile(path, whole);
  await truncate(path, end);
  expect(await recoveredUpdates()).toEqual([1, 2, 3, 4, 5]);
});

test('a journal that is long enough begins anew, and the old one goes when the files are durable', async () => {
  const writer = openWriter(2_000);
  await writer.write(launch);
  const aside = join(workDir, 'aside');
  for (let number = 1; number <= 60; number++) {
    await writer.write([update(number)]);
    if (number === 1) await cp(journalPath(meta), aside, { recursive: true });
  }
  await writer.close();
  const names = await readdir(journalPath(meta));
  expect(names).toHaveLength(1);
  expect(Number(names[0])).toBeGreaterThan(2);
  const all = Array.from({ length: 60 }, (_, index) => index + 1);
  expect(await recoveredUpdates()).toEqual(all);
  // An old one that came back anyway changes nothing.
  await cp(aside, journalPath(meta), { recursive: true });
  expect(await recoveredUpdates()).toEqual(all);
});

test('an agent that an operator disowned does not come back', async () => {
  const writer = openWriter();
  await writer.write(launch);
  await writer.close();
  await rm(`${meta}/slaves/latest`);
  await replayJournal(meta);
  expect(await recoverCheckpoints({ workDir, strict: true, rebooted: true })).toBeUndefined();
});
