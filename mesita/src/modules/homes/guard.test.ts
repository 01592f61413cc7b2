import { createTestContext, type InstanceOf } from '@mesita/sdk/module';
import { expect, test, vi } from 'vitest';
import { type GuardOptions, guard, targetOf } from './guard.ts';

function guardIsolator(isolator: InstanceOf<'Isolator'>, options: Partial<GuardOptions> = {}) {
  const { context, advance, lines } = createTestContext();
  const { clock, log } = context;
  const guarded = guard(targetOf('Isolator', isolator), {
    ...{ kind: 'Isolator', name: 'test', clock, log, now: clock.now },
    ...options,
  });
  return {
    ...guarded,
    instance: guarded.instance as InstanceOf<'Isolator'>,
    guarded,
    advance,
    lines,
  };
}

const id = { value: 'c1' };
const never = () => new Promise<never>(() => {});

test('a call ends by its deadline, and the next one has its own', async () => {
  const { instance, advance, guarded } = guardIsolator({ cleanup: never }, { deadlineMs: 100 });
  const first = instance.cleanup?.(id);
  advance(60);
  const second = instance.cleanup?.(id);
  advance(40);
  await expect(first).rejects.toThrow("Module 'test': cleanup did not answer within 100 ms");
  expect(guarded.metrics().get('pending')).toBe(1);
  advance(60);
  await expect(second).rejects.toThrow('did not answer');
  expect(guarded.metrics().get('timeouts')).toBe(2);
});

test('who does not answer five times is spared for a while, then tried once', async () => {
  let answer: () => Promise<object> = never;
  const usage = vi.fn(() => answer());
  const { instance, advance } = guardIsolator({ usage }, { deadlineMs: 100, onFailure: 'fail' });
  const ask = async () => {
    const asked = instance.usage?.(id)?.then(
      () => 'answered',
      (error: Error) => error.message.replace(/^.*usage /, ''),
    );
    // What has an answer gives it first.
    await new Promise(setImmediate);
    advance(100);
    return asked;
  };
  for (let time = 0; time < 5; time++) expect(await ask()).toBe('did not answer within 100 ms');
  expect(await ask()).toBe('not asked, because it did not answer before');
  expect(usage).toHaveBeenCalledTimes(5);
  advance(1_000);
  expect(await ask()).toBe('did not answer within 100 ms');
  expect(await ask()).toMatch('not asked');
  advance(2_000);
  answer = async () => ({});
  expect([await ask(), await ask(), usage.mock.calls.length]).toEqual(['answered', 'answered', 8]);
});

test('an error is an answer: it opens nothing', async () => {
  const { instance, guarded } = guardIsolator({
    async cleanup() {
      throw new Error('not this one');
    },
  });
  for (let time = 0; time < 10; time++) {
    await expect(instance.cleanup?.(id)).rejects.toThrow(/^not this one$/);
  }
  expect(guarded.metrics().get('refused')).toBe(0);
  expect(guarded.lastError).toBe('cleanup: not this one');
});

test.each([
  ['ignore', {}],
  ['last-known-good', { memRssBytes: 1 }],
  ['builtin', { memRssBytes: 2 }],
] as const)('policy %s', async (onFailure, expected) => {
  let isBroken = false;
  const { instance } = guardIsolator(
    {
      async usage() {
        if (isBroken) throw new Error('broken');
        return { memRssBytes: 1 };
      },
    },
    { onFailure, builtin: { usage: async () => ({ memRssBytes: 2 }) } },
  );
  await instance.usage?.(id);
  isBroken = true;
  expect(await instance.usage?.(id)).toEqual(expected);
});

test('what is waited for is asked for again after a failure, until nobody waits', async () => {
  const watch = vi.fn(async () => {
    throw new Error('broken');
  });
  const { instance, advance } = guardIsolator({ watch });
  const abort = new AbortController();
  const watched = instance.watch?.(id, abort.signal);
  await vi.waitFor(() => {
    advance(1_000);
    expect(watch.mock.calls.length).toBeGreaterThan(1);
  });
  abort.abort();
  await expect(watched).rejects.toThrow('broken');
});

test('the log gets a line a second, however often it fails', async () => {
  const { instance, lines, advance } = guardIsolator({
    async cleanup() {
      throw new Error('broken');
    },
  });
  for (let time = 0; time < 100; time++) await instance.cleanup?.(id).catch(() => undefined);
  expect(lines).toHaveLength(1);
  advance(1_000);
  await instance.cleanup?.(id).catch(() => undefined);
  expect(lines).toHaveLength(2);
});
