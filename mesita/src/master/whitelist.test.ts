import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchWhitelist } from './whitelist.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesita-whitelist-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The clock's one timer, fired by hand: the promise is the moment in which it is set again. */
function scene(path: string) {
  const lists: string[][] = [];
  const errors: string[] = [];
  let due = () => {};
  let set = () => {};
  const isSet = () => new Promise<void>((resolve) => (set = resolve));
  const clock = {
    now: () => 0,
    setTimer(_ms: number, run: () => void) {
      due = run;
      set();
      return { cancel: () => (due = () => {}) };
    },
  };
  const log = { debug() {}, info() {}, warn() {}, error: (text: string) => void errors.push(text) };
  const first = isSet();
  const onChange = (names: ReadonlySet<string>) => void lists.push([...names]);
  const stop = watchWhitelist({ path, clock, log, onChange });
  const again = async () => {
    const next = isSet();
    due();
    await next;
  };
  return { lists, errors, first, again, stop };
}

test('tells of each new list, and keeps the last one when there is none to read', async () => {
  const path = join(folder, 'hosts');
  const { lists, errors, first, again, stop } = scene(path);
  await first;
  expect([lists, errors.length]).toEqual([[], 1]);
  await writeFile(path, 'a\nb\n');
  await again();
  await again();
  await writeFile(path, '');
  await again();
  await rm(path);
  await again();
  expect(lists).toEqual([['a', 'b'], []]);
  expect(errors).toHaveLength(2);
  stop();
});
