import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ContainerState } from '@mesita/sdk/types/containerizer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStat } from '../../../src/linux/proc.ts';
import { createScene, rootId, type Scene, shellConfig, until } from './scene.ts';

const owner = fileURLToPath(new URL('./owner.ts', import.meta.url));

let root: string;
let scene: Scene | undefined;
let child: ChildProcess | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mesita-recover-'));
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await scene?.end();
  scene = undefined;
});

/** Launches in another process, kills it, and answers what an agent would have checkpointed. */
function ownAndDie(...launches: string[]): Promise<Map<string, ContainerState>> {
  return ownWith({}, ...launches);
}

async function ownWith(
  environment: Record<string, string>,
  ...launches: string[]
): Promise<Map<string, ContainerState>> {
  const options = ['--conditions=mesita-source', '--import', 'tsx', owner, root, ...launches];
  child = spawn(process.execPath, options, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const states = new Map<string, ContainerState>();
  for await (const line of createInterface({ input: child.stdout! })) {
    const [word, name = '', pid] = line.split(' ');
    if (word === 'ready') break;
    const directory = join(root, 'work', name);
    states.set(name, { containerId: { value: name }, pid: Number(pid), directory });
  }
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  return states;
}

test('a live container lives on, and its end is told', async () => {
  const states = await ownAndDie('live', 'while [ ! -e go ]; do sleep 0.05; done; exit 7');
  scene = await createScene({}, root);
  await scene.containerizer.recover([...states.values()]);
  const { pid } = states.get('live')!;
  expect((await scene.containerizer.status(rootId('live'))).executorPid).toBe(pid);
  expect((await scene.containerizer.usage(rootId('live'))).memRssBytes).toBeGreaterThan(0);
  const ended = scene.containerizer.wait(rootId('live'));
  writeFileSync(join(root, 'work/live/go'), '');
  expect(await ended).toEqual({ status: 7 << 8 });
  // Whoever knew it may ask again after one more restart.
  expect(await scene.containerizer.wait(rootId('live'))).toEqual({ status: 7 << 8 });
  await scene.containerizer.remove(rootId('live'));
  expect(readdirSync(join(root, 'run/containers'))).toEqual([]);
});

test('what ended meanwhile has its true status', async () => {
  const states = await ownAndDie('signal', 'while [ ! -e go ]; do sleep 0.05; done; kill -SEGV $$');
  writeFileSync(join(root, 'work/signal/go'), '');
  await until(async () => (await readStat(states.get('signal')!.pid)) === undefined);
  scene = await createScene({}, root);
  await scene.containerizer.recover([states.get('signal')!]);
  const end = await scene.containerizer.wait(rootId('signal'));
  expect((end?.status ?? 0) & 0x7f).toBe(11);
});

test('containers that nobody knows are destroyed, with what is inside them', async () => {
  const states = await ownAndDie('orphan', 'sleep 1020 & sleep 1021', 'pod', 'sleep 1022');
  scene = await createScene({}, root);
  await scene.containerizer.recover([]);
  await until(async () => (await scene!.containerizer.containers()).length === 0);
  for (const { pid } of states.values()) expect(await readStat(pid)).toBeUndefined();
  expect(readdirSync(join(root, 'run/containers'))).toEqual([]);
});

test('nested containers are taken up with their root', async () => {
  const states = await ownAndDie('pod', 'sleep 1023');
  scene = await createScene({}, root);
  await scene.containerizer.recover([...states.values()]);
  const nested = { value: 'child', parent: rootId('pod') };
  expect(await scene.containerizer.containers()).toEqual([rootId('pod'), nested]);
  expect(await scene.containerizer.kill(nested, 15)).toBe(true);
  expect(await scene.containerizer.wait(nested)).toEqual({ status: 15 });
  await scene.containerizer.remove(nested);
  expect(await scene.containerizer.wait(nested)).toBeUndefined();
});

test('a pid that belongs to someone else now is left alone', async () => {
  scene = await createScene({}, root);
  const directory = scene.sandbox('gone');
  const bystander = spawn('sleep', ['1024']);
  const pid = bystander.pid ?? 0;
  await scene.containerizer.recover([{ containerId: { value: 'gone' }, pid, directory }]);
  expect(await scene.containerizer.wait(rootId('gone'))).toEqual({ status: 9 });
  expect(await readStat(pid)).toBeDefined();
  bystander.kill('SIGKILL');
});

test('closing lets go of containers without touching them', async () => {
  const first = await createScene({}, root);
  const id = rootId('kept');
  const directory = first.sandbox('kept');
  const config = shellConfig(directory, 'sleep 1025');
  await first.containerizer.launch({ id, config, environment: {} });
  const { executorPid: pid = 0 } = await first.containerizer.status(id);
  await first.containerizer.close();
  scene = await createScene({}, root);
  await scene.containerizer.recover([{ containerId: id, pid, directory }]);
  expect((await readStat(pid))?.state).toMatch(/[RSD]/);
  expect(await scene.containerizer.kill(id, 15)).toBe(true);
  expect(await scene.containerizer.wait(id)).toEqual({ status: 15 });
});

test.each(['native', 'shell'])('what was never released never runs (%s)', async (forker) => {
  await ownWith({ OWNER_STUCK: '1', OWNER_FORKER: forker }, 'stuck', 'touch ran');
  const pid = Number(readFileSync(join(root, 'run/containers/stuck/pid'), 'utf8'));
  scene = await createScene({}, root);
  const directory = scene.sandbox('stuck');
  await scene.containerizer.recover([{ containerId: rootId('stuck'), pid, directory }]);
  await scene.containerizer.wait(rootId('stuck'));
  await scene.containerizer.remove(rootId('stuck'));
  await until(async () => (await readStat(pid)) === undefined);
  expect(readdirSync(directory)).not.toContain('ran');
  expect(readdirSync(join(root, 'run/containers'))).toEqual([]);
});

test('a container that a script supervises lives on as well', async () => {
  const script = 'while [ ! -e go ]; do sleep 0.05; done; exit 7';
  const states = await ownWith({ OWNER_FORKER: 'shell' }, 'live', script);
  scene = await createScene({}, root);
  await scene.containerizer.recover([...states.values()]);
  const ended = scene.containerizer.wait(rootId('live'));
  writeFileSync(join(root, 'work/live/go'), '');
  expect(await ended).toEqual({ status: 7 << 8 });
});
