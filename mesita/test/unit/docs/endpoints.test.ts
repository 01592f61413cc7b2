// docs/endpoints.md names what the daemons serve.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agentProcess } from '../../../src/agent/http/process.ts';
import { masterProcess } from '../../../src/master/http/process.ts';
import type { HttpProcess } from '../../../src/net/http.ts';

const text = readFileSync(new URL('../../../../docs/endpoints.md', import.meta.url), 'utf8');
const named = new Set([...text.matchAll(/`(\/[^`?]*)`/g)].map(([, path]) => path));

const idle = { state: {}, files: {}, containers: {} } as never;
const processes: readonly [string, HttpProcess][] = [
  ['master', masterProcess(idle, () => {})],
  ['agent', agentProcess(idle, { executorApi: () => ({ status: 200 }), receive: () => {} })],
];

test.each(processes)('the page has every path of the %s', (_, { routes }) => {
  expect(routes.map(({ path }) => path).filter((path) => !named.has(path))).toEqual([]);
});
