import { expect, test } from 'vitest';
import type { HttpProcess } from './http.ts';
import { empty } from './responses.ts';
import { createRouter } from './router.ts';

const handler = () => empty(200);
const withRoutes = (id: string, ...paths: string[]): HttpProcess => ({
  id,
  routes: paths.map((path) => ({ path, handler })),
});

function endpoints(delegate: string, paths: readonly string[]) {
  const router = createRouter(delegate);
  router.add(
    withRoutes('master', '/', '/health', '/state', '/quota', '/api/v1', '/api/v1/scheduler'),
  );
  router.add(withRoutes('slave(1)', '/health', '/state'));
  router.add(withRoutes('version', '/'));
  router.add(withRoutes('files', '/browse'));
  router.add({ id: 'help', routes: [{ path: '/', isCatchAll: true, handler }] });
  return Object.fromEntries(
    paths.map((path) => {
      const match = router.match(path);
      return [path, match && [match.endpoint, match.rest]];
    }),
  );
}

test('the longest registered prefix of a path wins', () => {
  expect(
    endpoints('master', [
      '/',
      '/master/',
      '/master//health',
      '/health/x/y',
      '/healthx',
      '/HEALTH',
      '/quota/a/b',
      '/api/v1/',
      '/api/v1/operator',
      '/api/v1/scheduler/',
      '/files',
      '/version/',
      '/version/x',
      '/help/master/state',
      '/slave(1)/health',
      '/slave%281%29/health',
      '/app/../state',
      '/x..y',
      '/%2e%2e/etc',
      '/health%',
    ]),
  ).toMatchInlineSnapshot(`
    {
      "/": [
        "/master",
        "",
      ],
      "/%2e%2e/etc": undefined,
      "/HEALTH": undefined,
      "/api/v1/": [
        "/master/api/v1",
        "",
      ],
      "/api/v1/operator": [
        "/master/api/v1",
        "operator",
      ],
      "/api/v1/scheduler/": [
        "/master/api/v1/scheduler",
        "",
      ],
      "/app/../state": undefined,
      "/files": undefined,
      "/health%": undefined,
      "/health/x/y": [
        "/master/health",
        "x/y",
      ],
      "/healthx": undefined,
      "/help/master/state": [
        "/help",
        "master/state",
      ],
      "/master/": [
        "/master",
        "",
      ],
      "/master//health": [
        "/master/health",
        "",
      ],
      "/quota/a/b": [
        "/master/quota",
        "a/b",
      ],
      "/slave%281%29/health": [
        "/slave(1)/health",
        "",
      ],
      "/slave(1)/health": [
        "/slave(1)/health",
        "",
      ],
      "/version/": [
        "/version",
        "",
      ],
      "/version/x": undefined,
      "/x..y": undefined,
    }
  `);
});

test('old names are aliases', () => {
  expect(
    endpoints('slave(1)', [
      '/state.json',
      '/master/state.json',
      '/slave/state',
      '/slave/state.json',
      '/files/browse.json',
      '/health.json',
    ]),
  ).toMatchInlineSnapshot(`
    {
      "/files/browse.json": [
        "/files/browse",
        "",
      ],
      "/health.json": undefined,
      "/master/state.json": [
        "/master/state",
        "",
      ],
      "/slave/state": [
        "/slave(1)/state",
        "",
      ],
      "/slave/state.json": [
        "/slave(1)/state",
        "",
      ],
      "/state.json": [
        "/slave(1)/state",
        "",
      ],
    }
  `);
});
