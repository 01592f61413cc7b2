import assert from 'node:assert/strict';
import type { Commit, Storage, StorageError } from '../storage.ts';

/** How to come to the same store again. */
interface Subject {
  /** Another one, empty. */
  create(): Promise<{
    open(): Promise<Storage>;
    /** Several may have it open at once. */
    readonly isShared: boolean;
  }>;
}

interface Case {
  readonly name: string;
  run(subject: Subject): Promise<void>;
}

const bytes = (text: string) => Buffer.from(text);

function commit(epoch: number, changes: Record<string, string | undefined>): Commit {
  const entries = Object.entries(changes).map(
    ([key, text]) => [key, text === undefined ? undefined : bytes(text)] as const,
  );
  return { epoch, changes: new Map(entries) };
}

async function contents(storage: Storage): Promise<[number, Record<string, string>]> {
  const { epoch, records } = await storage.load();
  const entries = [...records].map(([key, value]) => [key, Buffer.from(value).toString()]);
  return [epoch, Object.fromEntries(entries.sort()) as Record<string, string>];
}

const isStale = (error: StorageError) => error.code === 'stale-epoch';

/** What every store of the registry keeps to. Each case gets a store of its own. */
export const storageSuite: readonly Case[] = [
  {
    name: 'is empty at first, and reading it leaves it so',
    async run(subject) {
      const { open } = await subject.create();
      for (let time = 0; time < 2; time++) {
        const storage = await open();
        assert.deepEqual(await contents(storage), [0, {}]);
        await storage.close();
      }
    },
  },
  {
    name: 'gives back what was committed, after a reopening as well',
    async run(subject) {
      const { open } = await subject.create();
      const storage = await open();
      await storage.commit(commit(3, { 'agents/a': '1', 'agents/b': '2', 'weights/*': '' }));
      await storage.commit(commit(3, { 'agents/a': '3', 'agents/b': undefined, 'agents/c': '4' }));
      await storage.commit(commit(3, { 'agents/nobody': undefined, 'roles/é/ü ?%#': 'ß' }));
      const expected = [
        3,
        { 'agents/a': '3', 'agents/c': '4', 'roles/é/ü ?%#': 'ß', 'weights/*': '' },
      ];
      assert.deepEqual(await contents(storage), expected);
      await storage.close();
      const again = await open();
      assert.deepEqual(await contents(again), expected);
      await again.commit(commit(4, { 'agents/c': undefined, 'weights/*': undefined }));
      assert.deepEqual(await contents(again), [4, { 'agents/a': '3', 'roles/é/ü ?%#': 'ß' }]);
      await again.close();
    },
  },
  {
    name: 'keeps the order of commits that overlap, and closing waits for them',
    async run(subject) {
      const { open } = await subject.create();
      const storage = await open();
      const finished: number[] = [];
      const commits = Array.from({ length: 300 }, async (_, index) => {
        const changes = {
          last: String(index),
          [`own/${index}`]: 'x',
          [`own/${index - 1}`]: undefined,
        };
        await storage.commit(commit(1, changes));
        finished.push(index);
      });
      await storage.close();
      await Promise.all(commits);
      assert.deepEqual(
        finished,
        [...finished].sort((a, b) => a - b),
      );
      const again = await open();
      assert.deepEqual(await contents(again), [1, { last: '299', 'own/299': 'x' }]);
      await again.close();
    },
  },
  {
    name: 'takes one commit of many records, and records of megabytes, as a whole',
    async run(subject) {
      const { open } = await subject.create();
      const storage = await open();
      const large = 'm'.repeat(2_500_000);
      const many = Object.fromEntries(
        Array.from({ length: 1500 }, (_, index) => [
          `agents/${index}`,
          `${index} ${'a'.repeat(700)}`,
        ]),
      );
      await storage.commit(commit(1, { ...many, large }));
      await storage.commit(commit(1, { 'agents/0': 'small', large: `${large}!` }));
      const [, found] = await contents(storage);
      assert.equal(Object.keys(found).length, 1501);
      assert.deepEqual([found['agents/0'], found['agents/1499']], ['small', many['agents/1499']]);
      assert.ok(found.large === `${large}!`);
      await storage.commit(commit(1, { large: 'little' }));
      await storage.close();
      const again = await open();
      assert.equal((await contents(again))[1].large, 'little');
      await again.close();
    },
  },
  {
    name: 'refuses an epoch older than the newest that has written',
    async run(subject) {
      const { open } = await subject.create();
      const first = await open();
      await first.commit(commit(5, { a: '1' }));
      await first.close();
      const second = await open();
      await assert.rejects(second.commit(commit(4, { a: '2', b: '2' })), isStale);
      await assert.rejects(second.commit(commit(5, { a: '3' })), 'goes on after a failure');
      await second.close();
      const third = await open();
      assert.deepEqual(await contents(third), [5, { a: '1' }]);
      await third.commit({ epoch: 6, changes: new Map() });
      assert.deepEqual(await contents(third), [6, { a: '1' }]);
      await third.close();
    },
  },
  {
    name: 'stops a leader in the middle of its commits when the next one writes',
    async run(subject) {
      const { open, isShared } = await subject.create();
      if (!isShared) return;
      const [old, next] = [await open(), await open()];
      await old.commit(commit(1, { a: 'old' }));
      const made: number[] = [];
      const late = Array.from({ length: 200 }, async (_, index) => {
        // Not all in one write.
        for (let wait = 0; wait < index; wait++) await Promise.resolve();
        await old.commit(commit(1, { n: String(index) }));
        made.push(index);
      });
      const settled = Promise.allSettled(late);
      await next.commit({ epoch: 2, changes: new Map() });
      const seen = (await contents(next))[1].n;
      await settled;
      await assert.rejects(old.commit(commit(1, { a: 'late' })), isStale);
      // What was acknowledged to the old leader is what the new one read, and nothing came later.
      assert.deepEqual(await contents(next), [
        2,
        seen === undefined ? { a: 'old' } : { a: 'old', n: seen },
      ]);
      assert.ok(made.length === 0 || Math.max(...made) <= Number(seen));
      await next.commit(commit(2, { a: 'next' }));
      assert.equal((await contents(next))[1].a, 'next');
      await Promise.all([old.close(), next.close()]);
    },
  },
];
