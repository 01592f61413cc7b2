// Each example by itself, as its author would test it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext } from '@mesita/sdk/module';
import { expect, test } from 'vitest';
import hello from '../../../../examples/modules/hello.ts';
import journal from '../../../../examples/modules/journal-isolator.ts';
import testTaskHook from '../../../../examples/modules/test-task-hook.ts';

test('TestTaskHook adds its label to those of the task', async () => {
  const world = createTestContext();
  const hook = await testTaskHook.create(world.context, { key: 'k', value: 'v' });
  const task = {
    name: 't',
    taskId: { value: 't' },
    agentId: { value: 'a' },
    labels: { labels: [{ key: 'own' }] },
  };
  expect([
    await hook.agentRunTaskLabelDecorator?.(task, {} as never, {} as never, {} as never),
    world.counters.get('tasks'),
  ]).toEqual([{ labels: [{ key: 'own' }, { key: 'k', value: 'v' }] }, 1]);
});

test('the journal knows its containers after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mesita-journal-'));
  const { context } = createTestContext();
  const before = await journal.create(context, { file: 'journal' });
  await before.prepare?.({ value: 'c' }, { directory, commandInfo: {} });
  await before.isolate?.({ value: 'c' }, 7);
  const after = await journal.create(context, { file: 'journal' });
  await after.cleanup?.({ value: 'c' });
  await after.cleanup?.({ value: 'never seen' });
  const text = readFileSync(join(directory, 'journal'), 'utf8');
  rmSync(directory, { recursive: true });
  expect(text).toBe('prepared c\nruns as 7\nover\n');
});

test('hello greets whom the path names, then whom authentication named, then the world', async () => {
  const world = createTestContext({ name: 'hello' });
  await hello.create(world.context, { greeting: 'Hi' });
  world.advance(5);
  expect([
    await world.request('/hello', { rest: 'Ada', principal: 'ops' }),
    await world.request('/hello', { principal: 'ops' }),
    await world.request('/hello'),
  ]).toEqual([
    { body: { text: 'Hi, Ada!', upMs: 5 } },
    { body: { text: 'Hi, ops!', upMs: 5 } },
    { body: { text: 'Hi, world!', upMs: 5 } },
  ]);
});
