import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../actor/clock.ts';
import { runPath } from '../core/sandbox.ts';
import type { RunRef } from '../core/state.ts';
import { createGarbageCollector, type GarbageCollector } from './garbage.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const run = { agentId: 'S0', frameworkId: 'F', executorId: 'e', container: 'c' } as RunRef;
let workDir: string;
let removed: string[];
let collector: GarbageCollector;

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'mesita-garbage-'));
  removed = [];
  collector = createGarbageCollector({
    workDir,
    clock: systemClock,
    log,
    onRemoved: (path) => removed.push(path),
  });
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
