// The package `mesita` as an operator has it: packed, and installed into an empty folder.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster } from '../harness/cluster.ts';

const repository = join(import.meta.dirname, '../../..');
const execute = promisify(execFile);

let cluster: Cluster;

beforeAll(async () => {
  cluster = createCluster();
  // What is built is what is tested: packing would build it anew.
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', cluster.folder];
  const { stdout } = await execute('npm', pack, { cwd: join(repository, 'mesita') });
  writeFileSync(join(cluster.folder, 'package.json'), '{"private": true}');
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--silent'];
  await execute('npm', [...install, join(cluster.folder, stdout.trim())], { cwd: cluster.folder });
});
afterAll(() => cluster.stop());

const run = (command: string, ...args: string[]) =>
  execute(join(cluster.folder, 'node_modules/.bin', command), args, { cwd: cluster.folder });

test.each(['mesita', 'mesos-master', 'mesos-agent', 'mesos-execute'])(
  '%s tells how it is used',
  async (command) => {
    const { stdout } = await run(command, '--help');
    expect(stdout).toMatch(new RegExp(`^Usage: ${command} \\[`));
  },
);

test('a cluster of it runs tasks', async () => {
  const { stdout } = await run('mesita', 'start', '--once', '--port=0');
  expect(stdout).toContain('TASK_FINISHED');
});

test('it loads typed modules without anything else', async () => {
  writeFileSync(
    join(cluster.folder, 'hook.ts'),
    `import { defineModule, type Hook } from '@mesita/sdk/module';
     export default defineModule({ kind: 'Hook', name: 'H', create: (): Hook => ({}) });`,
  );
  const { stdout } = await run('mesita', 'modules', 'validate', 'hook.ts');
  expect(stdout).toMatch(/^H \(Hook\)$/m);
});
