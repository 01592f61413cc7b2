import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../actor/clock.ts';
import { runPath } from '../core/sandbox.ts';
import type { RunRef } from '../core/state.ts';
import {
  type CollectionPolicy,
  createGarbageCollector,
  type GarbageCollector,
  maxAllowedAge,
} from './garbage.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const run = { agentId: 'S0', frameworkId: 'F', executorId: 'e', container: 'c' } as RunRef;
let workDir: string;
let removed: string[];
let collector: GarbageCollector;

function collect(policy: CollectionPolicy): GarbageCollector {
  const onRemoved = (path: string) => removed.push(path);
  return createGarbageCollector({ workDir, policy, clock: systemClock, log, onRemoved });
}

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'mesita-garbage-'));
  removed = [];
  collector = collect({ delayMs: 3600_000, diskHeadroom: 0.1, watchIntervalMs: 3600_000 });
  for (const root of [workDir, `${workDir}/meta`]) {
    const path = runPath(root, run);
    await mkdir(path, { recursive: true });
    await symlink(path, join(path, '../latest'));
    await writeFile(join(path, '../../executor.info'), '');
  }
});
afterEach(async () => {
  collector.stop();
  await rm(workDir, { recursive: true, force: true });
});

test('a run goes when its time has come, and what it leaves empty goes with it', async () => {
  collector.schedule({ target: { kind: 'run', run }, fresh: true, delayMs: 20 });
  await vi.waitUntil(() => removed.length === 2);
  await vi.waitUntil(() => !existsSync(`${workDir}/slaves/S0/frameworks/F`));
  expect(existsSync(`${workDir}/slaves`)).toBe(true);
});

test('a run with a younger sister leaves alone', async () => {
  const sister = runPath(workDir, { ...run, container: 'd' } as RunRef);
  await mkdir(sister);
  collector.schedule({ target: { kind: 'run', run }, fresh: true, delayMs: 0 });
  await vi.waitUntil(() => removed.length === 2);
  expect(existsSync(sister)).toBe(true);
});

test('what an earlier agent left counts its age from its last change', async () => {
  const old = `${workDir}/slaves/OLD`;
  await mkdir(old);
  await utimes(old, 1, 1);
  const target = { kind: 'otherAgents', agentId: run.agentId } as const;
  collector.schedule({ target, fresh: false, delayMs: 3600_000 });
  await vi.waitUntil(() => removed.length === 1);
  expect(removed).toEqual([old]);
  expect(existsSync(runPath(workDir, run))).toBe(true);
});

test('the fuller the disk, the younger a sandbox goes', async () => {
  const policy = { delayMs: 1000, diskHeadroom: 0.1, watchIntervalMs: 10 };
  expect([0, 0.5, 0.9, 1].map((used) => Math.round(maxAllowedAge(policy, used)))).toEqual([
    900, 400, 0, 0,
  ]);
  collector.stop();
  // Nothing but an empty disk keeps anything with such a headroom.
  collector = collect({ delayMs: 3600_000, diskHeadroom: 1, watchIntervalMs: 10 });
  collector.schedule({ target: { kind: 'run', run }, fresh: true, delayMs: 3600_000 });
  await vi.waitUntil(() => removed.length === 2);
  expect(collector.removals).toEqual({ pending: 0, succeeded: 2, failed: 0 });
});
