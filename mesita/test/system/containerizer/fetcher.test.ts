import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { CommandInfo } from '@mesita/sdk/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createScene, rootId, type Scene, shellConfig, until } from './scene.ts';

let scene: Scene;
let server: Server;
let requests: string[];

beforeEach(async () => {
  scene = await createScene({ isolation: '' });
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (request.url === '/slow') return;
    if (request.url === '/moved') return void response.writeHead(302, { location: '/a.txt' }).end();
    response.writeHead(request.url === '/missing' ? 404 : 200).end('served');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await scene.end();
});

function address(path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

async function run(name: string, uris: CommandInfo.URI[], user?: string): Promise<string> {
  const id = rootId(name);
  const directory = scene.sandbox(name);
  const config = { ...shellConfig(directory, 'true'), user };
  if (user) chmodSync(directory, 0o777);
  await scene.containerizer.launch({
    id,
    config: { ...config, commandInfo: { value: 'true', uris } },
    environment: {},
  });
  await scene.containerizer.wait(id);
  return directory;
}

function source(name: string, content = 'local'): string {
  const path = join(scene.root, name);
  writeFileSync(path, content);
  return path;
}

test('copies, renames, makes executable, extracts', async () => {
  mkdirSync(join(scene.root, 'tree'));
  writeFileSync(join(scene.root, 'tree/inside'), 'x');
  for (const [name, flag] of [
    ['a.tar', ''],
    ['b.tgz', 'z'],
    ['c.tar.bz2', 'j'],
    ['d.tar.xz', 'J'],
  ]) {
    execFileSync('tar', [`c${flag}f`, join(scene.root, name ?? ''), '-C', scene.root, 'tree']);
  }
  const directory = await run('formats', [
    { value: source('plain') },
    { value: `file://${source('tool')}`, executable: true },
    { value: address('/a.txt'), outputFile: 'deep/er/b.txt' },
    { value: address('/moved'), outputFile: 'moved' },
    ...['a.tar', 'b.tgz', 'c.tar.bz2', 'd.tar.xz'].map((name) => ({
      value: join(scene.root, name),
      outputFile: `${name[0]}/${name}`,
      extract: true,
    })),
    { value: join(scene.root, 'a.tar'), extract: false, outputFile: 'kept.tar' },
  ]);
  expect(readFileSync(join(directory, 'plain'), 'utf8')).toBe('local');
  expect(statSync(join(directory, 'tool')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(directory, 'deep/er/b.txt'), 'utf8')).toBe('served');
  expect(readFileSync(join(directory, 'moved'), 'utf8')).toBe('served');
  expect(readFileSync(join(directory, 'tree/inside'), 'utf8')).toBe('x');
  expect(readFileSync(join(directory, 'stderr'), 'utf8')).toContain("Fetching URI '");
});

test.each([
  ['/nosuch/file', 'No such file'],
  ['ftp://host/x', 'ftp is not supported'],
  ['hdfs://host/x', 'Hadoop'],
  ['relative/x', 'framework home'],
])('%s fails the launch and says why in the sandbox', async (value, text) => {
  await expect(run('failing', [{ value }])).rejects.toThrow(
    "Failed to fetch all URIs for container 'failing': exited with status 1",
  );
  expect(scene.read('work/failing/stderr')).toContain(text);
  expect(await scene.containerizer.containers()).toEqual([]);
});

test('a status other than 200 fails', async () => {
  await expect(run('missing', [{ value: address('/missing') }])).rejects.toThrow('Failed to fetch');
  expect(scene.read('work/missing/stderr')).toContain('received HTTP return code 404');
});

test('nothing is written outside of the sandbox', async () => {
  const value = source('secret');
  for (const outputFile of ['../escape', '/etc/mesita-escape', 'a/../../escape']) {
    await expect(run('escape', [{ value, outputFile }])).rejects.toThrow('Failed to fetch');
  }
  expect(existsSync(join(scene.root, 'work/escape'))).toBe(true);
  expect(existsSync(join(scene.root, 'escape'))).toBe(false);
});

test('the cache serves the second fetch', async () => {
  const uris = [{ value: address('/big'), cache: true }];
  await Promise.all([run('one', uris), run('two', uris)]);
  await run('three', uris);
  expect(requests).toEqual(['/big']);
  expect(scene.read('work/three/big')).toBe('served');
});

test.runIf(process.getuid?.() === 0)('local files are read with the user’s rights', async () => {
  const value = source('private');
  chmodSync(value, 0o600);
  await expect(run('nobody', [{ value }], 'nobody')).rejects.toThrow('Failed to fetch');
  chmodSync(value, 0o644);
  const directory = await run('nobody2', [{ value }, { value: address('/a.txt') }], 'nobody');
  expect(statSync(join(directory, 'private')).uid).toBe(65534);
  expect(statSync(join(directory, 'a.txt')).uid).toBe(65534);
});

test('destroy ends a fetch that hangs', async () => {
  const launched = run('hanging', [{ value: address('/slow') }]);
  const failed = expect(launched).rejects.toThrow('Container is being destroyed during fetching');
  await until(() => requests.includes('/slow'));
  await scene.containerizer.destroy(rootId('hanging'));
  await failed;
});
