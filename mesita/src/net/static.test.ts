import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRequest } from './request.ts';
import { createServer } from './server.ts';
import { createStaticHandler } from './static.ts';

test('files below the directory are served by their type, nothing else is', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mesita-static-'));
  await mkdir(join(directory, 'app/deep'), { recursive: true });
  await writeFile(join(directory, 'index.html'), '<html>');
  await writeFile(join(directory, 'app/app.js'), 'js');
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const routes = [
    { path: '/', handler: createStaticHandler(directory, 'index.html') },
    { path: '/app', handler: createStaticHandler(join(directory, 'app')) },
  ];
  const server = createServer({ processes: [{ id: 'master', routes }], delegate: 'master', log });
  const get = async (target: string) => {
    const { status, headers } = await server.handle(createRequest(target));
    return [status, headers?.['Content-Type']];
  };
  expect(await get('/')).toEqual([200, 'text/html']);
  expect(await get('/master')).toEqual([200, 'text/html']);
  expect(await get('/app/app.js')).toEqual([200, 'application/x-javascript']);
  const refused = [
    '/app',
    '/app/',
    '/app/deep',
    '/app/nosuch',
    '/app/../index.html',
    '/favicon.ico',
  ];
  for (const target of refused) expect((await get(target))[0]).toBe(404);
  await rm(directory, { recursive: true });
});
