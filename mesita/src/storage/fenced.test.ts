import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFencedStorage } from './fenced.ts';
import type { Commit } from './storage.ts';
import { storageSuite } from './testing/storage-suite.ts';
import { connectUnreliably, contentsOf, type ServerMemory } from './testing/unreliable-server.ts';

const newMemory = (): ServerMemory => ({ fence: undefined, nodes: new Map() });
const options = { where: 'the registry', retryMs: 0 };
const limits = { changes: 50, bytes: 200_000, value: 60_000 };
const value = (text: string) => Buffer.from(text);
const commitOf = (epoch: number, changes: Record<string, string | undefined>): Commit => ({
  epoch,
  changes: new Map(
    Object.entries(changes).map(([key, text]) => [key, text === undefined ? text : value(text)]),
  ),
});

function* losses(): Generator<'fine' | 'request-lost' | 'answer-lost'> {
  for (;;)
    yield* ['fine', 'fine', 'answer-lost', 'fine', 'request-lost', 'fine', 'answer-lost'] as const;
}

describe.each(['fine', 'lossy'])('a store on a server, in %s weather', (weather) => {
  test.each(storageSuite)('$name', ({ run }) =>
    run({
      async create() {
        const memory = newMemory();
        const fates = losses();
        const fate = () => (weather === 'fine' ? 'fine' : fates.next().value!);
        return {
          isShared: true,
          open: async () =>
            createFencedStorage(connectUnreliably(memory, { fate, limits }), options),
        };
      },
    }),
  );
});

test('a leader that ends in the middle leaves all of a commit or nothing', async () => {
  const before = { a: 'a', b: 'b'.repeat(2500), c: 'c' };
  const changes = { a: undefined, b: 'B', c: 'C'.repeat(3500), d: 'd'.repeat(1200), e: '' };
  const after = { b: 'B', c: changes.c, d: changes.d, e: '' };
  const outcomes = new Set<string>();
  for (let end = 1; end < 30; end++) {
    const memory = newMemory();
    const first = createFencedStorage(connectUnreliably(memory), options);
    await first.commit(commitOf(1, before));
    let left = end;
    const onTransaction = () => {
      if (left-- <= 0) throw new Error('killed');
    };
    const second = createFencedStorage(connectUnreliably(memory, { onTransaction }), options);
    const isMade = await second.commit(commitOf(2, changes)).then(
      () => true,
      () => false,
    );
    const third = createFencedStorage(connectUnreliably(memory), options);
    await third.commit({ epoch: 3, changes: new Map() });
    const found = await contentsOf(third);
    expect([before, after]).toContainEqual(found);
    if (isMade) expect(found).toEqual(after);
    outcomes.add(`${isMade} ${found.a === undefined}`);
    await third.commit(commitOf(3, { f: 'f' }));
    expect(await contentsOf(third)).toEqual({ ...found, f: 'f' });
    // Nothing is left over but what the records need.
    const parts = [...memory.nodes.keys()].filter((name) => /^(journal|j\/)/.test(name));
    if (found.a === undefined) expect(parts).toEqual([]);
  }
  expect(outcomes).toEqual(new Set(['false false', 'false true', 'true true']));
});

test('whatever is lost and whoever claims, the acknowledged is kept', async () => {
  const step = fc.record({
    leader: fc.nat(2),
    raise: fc.boolean(),
    key: fc.constantFrom('a', 'b', 'c'),
    size: fc.constantFrom(0, 1, 900, 2100),
  });
  const fates = fc.array(fc.constantFrom('fine', 'fine', 'request-lost', 'answer-lost'), {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fates, async (steps, weather) => {
      const memory = newMemory();
      let turn = 0;
      const fate = () => weather.concat('fine')[turn++ % (weather.length + 1)]!;
      const open = () => createFencedStorage(connectUnreliably(memory, { fate }), options);
      const leaders = [0, 1, 2].map(() => ({ storage: open(), epoch: 0 }));
      let newest = 0;
      const model: Record<string, string> = {};
      for (const { leader: index, raise, key, size } of steps) {
        const leader = leaders[index]!;
        if (raise || leader.epoch === 0)
          Object.assign(leader, { storage: open(), epoch: ++newest });
        const text = `${newest}`.padEnd(size, 'x');
        const isMade = await leader.storage.commit(commitOf(leader.epoch, { [key]: text })).then(
          () => true,
          () => false,
        );
        expect(isMade).toBe(leader.epoch === newest);
        if (isMade) model[key] = text;
      }
      expect(await contentsOf(open())).toEqual(model);
    }),
    { numRuns: 60 },
  );
});
