// Each example passes the suite of its kind, and does what it says.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conform } from '@mesita/sdk/conformance';
import { createTestContext, parseParameters } from '@mesita/sdk/module';
import { afterAll, expect, test } from 'vitest';
import {
  binPacking,
  ceiling,
  pools,
  randomSorter,
} from '../../../../examples/modules/allocator-parts.ts';
import commandIsolator from '../../../../examples/modules/command-isolator.ts';
import dockerPrepare from '../../../../examples/modules/docker-prepare-hook.ts';
import executorCleanup from '../../../../examples/modules/executor-cleanup-hook.ts';
import fileAuthenticator from '../../../../examples/modules/file-authenticator.ts';
import { contender, detector } from '../../../../examples/modules/file-election.ts';
import fileSecrets from '../../../../examples/modules/file-secrets.ts';
import hello from '../../../../examples/modules/hello.ts';
import journal from '../../../../examples/modules/journal-isolator.ts';
import { controller, estimator } from '../../../../examples/modules/lending.ts';
import rulesAuthorizer from '../../../../examples/modules/rules-authorizer.ts';
import taggedLogger from '../../../../examples/modules/tagged-logger.ts';
import testTaskHook from '../../../../examples/modules/test-task-hook.ts';

const directory = mkdtempSync(join(tmpdir(), 'mesita-examples-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = (name: string) => join(directory, name);

const basic = (text: string) => ({
  headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
});
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
writeFileSync(path('users'), `# people\nada:${sha256('lovelace:1815')}\n`);
mkdirSync(path('secrets'));
writeFileSync(path('secrets/database'), '{"password": "hunter2"}');

for (const part of [randomSorter, binPacking, pools, ceiling]) conform(test, part as never);
conform(test, hello, { samples: { routes: ['/hello'] } });
conform(test, testTaskHook);
conform(test, dockerPrepare, { parameters: { proxy: 'http://proxy' } });
conform(test, executorCleanup, { parameters: { command: 'test -n "$EXECUTOR_ID"' } });
conform(test, journal, { directory });
conform(test, commandIsolator, {
  directory,
  parameters: { prepare: 'true', watch: 'sleep 1000', usage: 'echo 4096', cleanup: 'true' },
});
conform(test, fileAuthenticator, {
  parameters: { file: path('users') },
  samples: {
    admitted: basic('ada:lovelace:1815'),
    principal: { value: 'ada' },
    rejected: basic('ada:guess'),
  },
});
conform(test, rulesAuthorizer, {
  parameters: {
    rules:
      '[{"principals":["ops-*"],"allow":true},{"actions":["RUN_TASK"],"objects":["root"],"allow":false}]',
    otherwise: 'true',
  },
  samples: {
    questions: [
      { subject: { value: 'ops-1' }, action: 'RUN_TASK', object: { value: 'root' }, answer: true },
      { subject: { value: 'dev' }, action: 'RUN_TASK', object: { value: 'root' }, answer: false },
      { subject: { value: 'dev' }, action: 'RUN_TASK', object: { value: 'dev' }, answer: true },
      { action: 'VIEW_FLAGS', answer: true },
    ],
  },
});
conform(test, taggedLogger, { directory });
conform(test, estimator);
conform(test, controller, { parameters: { threshold: '0' } });
conform(test, fileSecrets, {
  parameters: { directory: path('secrets') },
  samples: {
    secret: { type: 'REFERENCE', reference: { name: 'database', key: 'password' } },
    value: new TextEncoder().encode('hunter2'),
  },
});
conform(test, contender, { parameters: { file: path('leader') } });
conform(test, detector, { parameters: { file: path('nobody') } });

test('the command of a container that exits ends the container, with what it printed', async () => {
  const world = createTestContext();
  const marks = path('marks');
  const pairs = [
    { key: 'prepare', value: `echo "$CONTAINER_ID in $DIRECTORY" > ${marks}` },
    { key: 'watch', value: 'echo too hot' },
    { key: 'usage', value: 'echo 4096' },
  ];
  const parameters = parseParameters(commandIsolator.parameters, pairs);
  if (!parameters.ok) throw new Error(parameters.error);
  const isolator = await commandIsolator.create(world.context, parameters.value);
  await isolator.prepare?.({ value: 'c' }, { directory, commandInfo: {} });
  expect([
    readFileSync(marks, 'utf8'),
    await isolator.usage?.({ value: 'c' }),
    await isolator.watch?.({ value: 'c' }, new AbortController().signal),
  ]).toEqual([
    `c in ${directory}\n`,
    { memRssBytes: 4096 },
    { reason: 'REASON_CONTAINER_LIMITATION', message: 'too hot' },
  ]);
});

test('of two contenders one leads; when it is gone the other does', async () => {
  const file = path('two-masters');
  const lease = 300;
  const clock = {
    now: () => Date.now(),
    setTimer(delayMs: number, callback: () => void) {
      const timer = setTimeout(callback, delayMs);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const master = (id: string) => ({ id, ip: 0, port: 5050, hostname: id });
  const make = async (id: string) => {
    let count = 0;
    const random = { next: () => 0, uuid: () => `${id}-${count++}` };
    const one = await contender.create(
      { ...createTestContext().context, clock, random },
      { file, lease },
    );
    one.initialize(master(id));
    return one;
  };
  const watcher = await detector.create({ ...createTestContext().context, clock }, { file, lease });
  const { signal } = new AbortController();
  const [first, second] = [await make('first'), await make('second')];
  await first.contend();
  const leader = await watcher.detect(undefined, signal);
  await second.contend();
  await first.withdraw?.();
  let next = await watcher.detect(leader, signal);
  // Between the two nobody leads.
  if (next === undefined) next = await watcher.detect(undefined, signal);
  await second.withdraw?.();
  expect([leader?.id, next?.id]).toEqual(['first', 'second']);
});
