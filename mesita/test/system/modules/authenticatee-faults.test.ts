// A framework's own module misbehaves while it subscribes, in each home: the command says so, tries
// again, and its task runs.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Home } from '../../../src/modules/manifest.ts';
import { type Cluster, createCluster, type Daemon } from '../../harness/cluster.ts';
import { write } from './faulty/cluster.ts';
import { deeds, misdeeds, type Order } from './faulty/deeds.ts';

const library = (folder: string) => `${deeds(folder)}
import { defineModule } from '@mesita/sdk/module';
export default defineModule({
  kind: 'HttpAuthenticatee',
  name: 'Faulty',
  create: ({ log }) => ({
    scheme: 'Faulty',
    authenticate() {
      const bad = misbehave('HttpAuthenticatee', (i) => log.info('flood ' + i));
      return bad ? bad.answer : {};
    },
  }),
});
`;

const program = (folder: string) => `#!${process.execPath}
${deeds(folder)}
import readline from 'node:readline';
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const flood = (i) => say({ method: 'log', args: { level: 'info', text: 'flood ' + i } });
const methods = {
  describe: () => ({ protocol: 1, kind: 'HttpAuthenticatee', name: 'Faulty' }),
  create: () => ({ methods: ['authenticate'], properties: { scheme: 'Faulty' } }),
  async authenticate() {
    const bad = misbehave('HttpAuthenticatee', flood);
    return bad ? bad.answer : {};
  },
  shutdown: () => process.exit(0),
};
readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method } = JSON.parse(line);
  try {
    const result = await methods[method]?.();
    if (id !== undefined) say({ id, result: result ?? null });
  } catch (error) {
    if (id !== undefined) say({ id, error: error.message });
  }
});
`;

let cluster: Cluster;
let master: Daemon;
beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  await cluster.startAgent({ master });
});
afterAll(() => cluster.stop());

async function execute(home: Home, deed: string) {
  const folder = join(cluster.folder, `${home}-${deed.replaceAll(' ', '-')}`);
  mkdirSync(folder);
  const order: Order = { number: 1, deed, whom: ['HttpAuthenticatee'] };
  write(folder, 'order', order);
  const file = join(folder, 'faulty.mjs');
  writeFileSync(file, home === 'program' ? program(folder) : library(folder), { mode: 0o755 });
  const limits = { deadline: '1secs', memory: '64MB' };
  const libraries = [{ file, modules: { name: 'Faulty', home, limits } }];
  const child = spawn(process.execPath, [
    join(import.meta.dirname, '../../../dist/mesos-execute.js'),
    ...[`--master=127.0.0.1:${master.port}`, `--name=${home} ${deed}`, '--command=echo arrived'],
    ...['--resources=cpus:0.1;mem:32', '--http_authenticatee=Faulty'],
    `--modules=${JSON.stringify({ libraries })}`,
  ]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

const cases = (Object.keys(misdeeds) as Home[]).flatMap((home) =>
  Object.keys(misdeeds[home]).map((deed) => [home, deed] as const),
);

test.concurrent.each(cases)('in home %s, one that %s costs an attempt', async (home, deed) => {
  const { status, stdout, stderr } = await execute(home, deed);
  expect([status, stdout, stderr]).toEqual([0, 'arrived\n', expect.any(String)]);
  expect(stderr).toMatch(/call of a module failed|home of a module ended/);
});
