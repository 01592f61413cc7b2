import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFiles, type Files } from './files.ts';
import { createFilesProcess } from './files-process.ts';
import type { HttpDownload } from './http.ts';
import { createRequest } from './request.ts';
import { createServer, type Server } from './server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let directory: string;
let files: Files;
let server: Server;

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'mesita-files-')));
  await mkdir(join(directory, 'run/sub'), { recursive: true });
  await mkdir(join(directory, 'run-other'));
  await writeFile(join(directory, 'run/stdout'), 'hello\nworld "quoted" \xff', 'latin1');
  await writeFile(join(directory, 'run/big'), Buffer.alloc(100_000, 'x'));
  await writeFile(join(directory, 'run-other/secret'), 'secret');
  await symlink('../run-other/secret', join(directory, 'run/escape'));
  await symlink('stdout', join(directory, 'run/inside'));
  execFileSync('mkfifo', [join(directory, 'run/fifo')]);
  files = createFiles();
  await files.attach('/slave/log', join(directory, 'run/stdout'));
  await files.attach('/sandbox/', join(directory, 'run'));
  await files.attach('/private', join(directory, 'run'), ({ principal }) => principal === 'ops');
  server = createServer({ processes: [createFilesProcess(files)], log });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function get(target: string, principal?: string) {
  const request = createRequest(target, principal === undefined ? {} : { principal });
  const { status, body } = await server.handle(request);
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('latin1') : String(body);
  return [status, text.replaceAll(directory, '<dir>')];
}

describe('/files/browse', () => {
  test('lists a directory by path, links followed', async () => {
    const [status, body] = await get('/files/browse?path=/sandbox');
    const entries = JSON.parse(String(body)) as { path: string; mode: string; size: number }[];
    expect([status, entries.map(({ path, mode, size }) => [path, mode.slice(0, 4), size])]).toEqual(
      [
        200,
        [
          ['/sandbox/big', '-rw-', 100_000],
          ['/sandbox/escape', '-rw-', 6],
          ['/sandbox/fifo', 'prw-', 0],
          ['/sandbox/inside', '-rw-', 22],
          ['/sandbox/stdout', '-rw-', 22],
          ['/sandbox/sub', 'drwx', expect.any(Number)],
        ],
      ],
    );
    expect(Object.keys(entries[0]!)).toEqual([
      'gid',
      'mode',
      'mtime',
      'nlink',
      'path',
      'size',
      'uid',
    ]);
  });

  test.each([
    ['/files/browse', [400, "Expecting 'path=value' in query.\n"]],
    ['/files/browse?path=', [400, "Expecting 'path=value' in query.\n"]],
    ['/files/browse?path=/nosuch', [404, '']],
    ['/files/browse?path=sandbox', [404, '']],
    ['/files/browse?path=/slave/log', [200, '[]']],
    ['/files/browse?path=/slave/log/', [200, '[]']],
    ['/files/browse?path=/slave/log/x', [404, '']],
    ['/files/browse?path=/slave/log/../x', [404, '']],
    ['/files/browse?path=/sandbox/nosuch', [404, '']],
    ['/files/browse?path=/sandbox/..', [400, "'<dir>' is inaccessible.\n"]],
    ['/files/browse?path=/private', [403, '403 Forbidden.']],
  ])('%s', async (target, answer) => {
    expect(await get(target)).toEqual(answer);
  });
});

describe('/files/read', () => {
  test.each([
    ['path=/slave/log', [200, '{"data":"","offset":22}']],
    ['path=/slave/log&offset=-1', [200, '{"data":"","offset":22}']],
    ['path=/slave/log&offset=0&length=5', [200, '{"data":"hello","offset":0}']],
    ['path=/slave/log&offset=6&length=-1', [200, '{"data":"world \\"quoted\\" \xff","offset":6}']],
    ['path=/slave/log&offset=0&length=0', [200, '{"data":"","offset":0}']],
    ['path=/slave/log&offset=99', [200, '{"data":"","offset":99}']],
    ['path=/slave/log&offset=-2', [400, 'Negative offset provided: -2.\n']],
    [
      'path=/slave/log&offset=1.5',
      [400, "Failed to parse offset: Failed to convert '1.5' to number.\n"],
    ],
    ['path=/slave/log&length=', [400, "Failed to parse length: Failed to convert '' to number.\n"]],
    ['path=/sandbox/sub&offset=0', [400, 'Cannot read a directory.\n']],
    ['path=/sandbox/fifo&offset=0', [400, 'Not a regular file.\n']],
    ['path=/sandbox/inside&offset=0&length=5', [200, '{"data":"hello","offset":0}']],
    ['path=/sandbox/escape&offset=0', [400, "'<dir>/run/escape' is inaccessible.\n"]],
    [
      'path=/sandbox/../run-other/secret&offset=0',
      [400, "'<dir>/run-other/secret' is inaccessible.\n"],
    ],
  ])('%s', async (query, answer) => {
    expect(await get(`/files/read?${query}`)).toEqual(answer);
  });

  test('gives at most 64 KiB', async () => {
    const range = await files.read('/sandbox/big', {}, { offset: 0 });
    expect(range.ok && [range.value.data.length, range.value.size]).toEqual([65_536, 100_000]);
  });

  test('an approver sees the principal', async () => {
    expect(await get('/files/read?path=/private/stdout&offset=0&length=1', 'ops')).toEqual([
      200,
      '{"data":"h","offset":0}',
    ]);
  });
});

test('/files/download sends the whole file, read as the client takes it', async () => {
  const answer = await server.handle(createRequest('/files/download?path=/sandbox/big'));
  const { size, read } = answer.body as HttpDownload;
  let length = 0;
  for await (const piece of read()) length += piece.length;
  expect([answer.headers, size, length]).toEqual([
    {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': 'attachment; filename=big',
    },
    100_000,
    100_000,
  ]);
  const { ip, port } = await server.listen('127.0.0.1', 0);
  const response = await fetch(`http://${ip}:${port}/files/download?path=/sandbox/big`);
  expect((await response.arrayBuffer()).byteLength).toBe(100_000);
  await server.close();
  expect(await get('/files/download?path=/nosuch')).toEqual([404, '404 Not Found.']);
  expect(await get('/files/download?path=/sandbox')).toEqual([
    400,
    'Cannot download a directory.\n',
  ]);
});

test('/files/debug shows the map, until a path is detached', async () => {
  expect(await get('/files/debug')).toEqual([
    200,
    '{"/slave/log":"<dir>/run/stdout","/sandbox":"<dir>/run","/private":"<dir>/run"}',
  ]);
  files.detach('/private');
  expect(await get('/files/browse?path=/private')).toEqual([404, '']);
});
