import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson, waitFor } from '../harness/cluster.ts';

let cluster: Cluster;
let master: Daemon;

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster();
  await cluster.startAgent({ master });
});
afterAll(() => cluster.stop());

interface Task {
  readonly name: string;
  readonly state: string;
}

// The example as published; only the address it was written for is another one here.
test('the command scheduler example of mesos-framework 0.5.3 runs its task', async () => {
  const home = dirname(createRequire(import.meta.url).resolve('mesos-framework/package.json'));
  const example = readFileSync(join(home, 'examples/commandScheduler.js'), 'utf8')
    .replace('172.17.11.101', '127.0.0.1')
    .replace('"port": 5050', `"port": ${master.port}`)
    .replaceAll('"../index"', JSON.stringify(join(home, 'index.js')));
  const folder = join(cluster.folder, 'scheduler');
  mkdirSync(join(folder, 'logs'), { recursive: true });
  writeFileSync(join(folder, 'scheduler.cjs'), example);
  const scheduler = spawn(process.execPath, ['scheduler.cjs'], { cwd: folder });
  let output = '';
  scheduler.stdout.on('data', (d) => (output += d));
  scheduler.stderr.on('data', (d) => (output += d));
  try {
    const states = new Set<string>();
    await waitFor('the task to finish and to be started again', async () => {
      for (const task of await tasks()) states.add(task.state);
      return states.has('TASK_FINISHED') && (await tasks()).some((t) => t.state === 'TASK_RUNNING');
    });
    expect([...states].sort()).toEqual(expect.arrayContaining(['TASK_FINISHED', 'TASK_RUNNING']));
  } catch (error) {
    throw new Error(`${(error as Error).message}\nscheduler said:\n${output.slice(-4000)}`);
  } finally {
    scheduler.kill('SIGKILL');
  }
});

async function tasks(): Promise<Task[]> {
  return ((await getJson(master.port, '/tasks')) as { tasks: Task[] }).tasks;
}
