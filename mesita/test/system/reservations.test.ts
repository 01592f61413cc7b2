// What an operator reserves and creates outlives tasks, agents and masters.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson, waitFor } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;

const reserved = (name: string, value: number) => ({
  name,
  type: 'SCALAR',
  scalar: { value },
  reservations: [{ type: 'DYNAMIC', role: 'r' }],
});
const volume = {
  ...reserved('disk', 64),
  disk: { persistence: { id: 'v' }, volume: { mode: 'RW', container_path: 'data' } },
};
const info = { roles: ['r'], capabilities: [{ type: 'MULTI_ROLE' }] };

beforeEach(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--allocation_interval=100ms');
  agent = await cluster.startAgent({ master });
});
afterEach(async () => {
  framework?.close();
  await cluster.stop();
});

async function form(path: string, field: string, resources: readonly object[]): Promise<number> {
  const { slaves } = (await getJson(master.port, '/slaves')) as { slaves: { id: string }[] };
  const body = new URLSearchParams({
    slaveId: slaves[0]?.id ?? '',
    [field]: JSON.stringify(resources),
  });
  const url = `http://127.0.0.1:${master.port}${path}`;
  return (await fetch(url, { method: 'POST', body })).status;
}

async function reservedDisk(): Promise<number | undefined> {
  const { slaves } = (await getJson(master.port, '/slaves')) as {
    slaves: { reserved_resources: Record<string, { disk?: number }> }[];
  };
  return slaves[0]?.reserved_resources.r?.disk;
}

async function volumePath(): Promise<string> {
  const { flags } = (await getJson(agent.port, '/state')) as { flags: { work_dir: string } };
  return join(flags.work_dir, 'volumes/roles/r/v');
}

/** On the volume, and on reserved memory. */
async function runOnVolume(id: string, command: string): Promise<void> {
  const resources = [volume, reserved('cpus', 0.5), reserved('mem', 64)];
  await framework.launch({ id, command, more: { resources } });
  await framework.status(id, 'TASK_FINISHED');
}

test('a volume outlives its task, its agent and the master, until it is destroyed', async () => {
  expect(await form('/reserve', 'resources', [reserved('disk', 100)])).toBe(202);
  expect(await form('/reserve', 'resources', [reserved('cpus', 0.5), reserved('mem', 64)])).toBe(
    202,
  );
  expect(await form('/create-volumes', 'volumes', [volume])).toBe(202);
  const path = await volumePath();
  await waitFor('the volume', () => existsSync(path));

  framework = await subscribe(master.port, { info });
  await runOnVolume('writes', 'echo precious > data/file');
  framework.close();

  await agent.kill('SIGKILL');
  agent = await cluster.startAgent({ master, port: agent.port });
  framework = await subscribe(master.port, { id: framework.id, info });
  await runOnVolume('reads', 'grep precious data/file');
  framework.close();

  await master.kill('SIGKILL');
  master = await cluster.startMaster(`--port=${master.port}`, '--allocation_interval=100ms');
  await waitFor('the agent is back with what it has', async () => (await reservedDisk()) === 100);

  await waitFor('nobody uses the volume', async () => {
    const status = await form('/destroy-volumes', 'volumes', [volume]);
    return status === 202;
  });
  await waitFor('the volume is gone', () => !existsSync(path));
  expect(await form('/unreserve', 'resources', [reserved('disk', 100)])).toBe(202);
  await waitFor('nothing is reserved', async () => !(await reservedDisk()));
});

test('what is in use is neither destroyed nor given back', async () => {
  await form('/reserve', 'resources', [
    ...[reserved('disk', 64), reserved('cpus', 0.5), reserved('mem', 64)],
  ]);
  await form('/create-volumes', 'volumes', [volume]);
  framework = await subscribe(master.port, { info });
  const resources = [volume, reserved('cpus', 0.5), reserved('mem', 64)];
  await framework.launch({ id: 'holds', command: 'sleep 1000', more: { resources } });
  await framework.status('holds', 'TASK_RUNNING');
  expect(await form('/destroy-volumes', 'volumes', [volume])).toBe(400);
  expect(await form('/unreserve', 'resources', [reserved('cpus', 0.5)])).toBe(409);
});
