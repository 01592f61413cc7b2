import { expect, test } from 'vitest';
import { type ProcessStat, parseStat, selectTree } from './proc.ts';

test('a program may call itself anything', () => {
  const text =
    '42 (a) b (c)) S 1 42 42 0 -1 4194304 101 0 0 0 7 3 0 0 20 0 5 0 105668 2998272 415 0';
  expect(parseStat(text)).toEqual({
    pid: 42,
    state: 'S',
    parent: 1,
    group: 42,
    session: 42,
    userTicks: 7,
    systemTicks: 3,
    threads: 5,
    startTime: 105668,
    residentPages: 415,
  });
  expect(parseStat('')).toBeUndefined();
});

test('a tree is what is below, in the session and in the group', () => {
  const stat = (pid: number, parent: number, session: number, group = session): ProcessStat => {
    const rest = { state: 'S', userTicks: 0, systemTicks: 0, threads: 1, startTime: 1 };
    return { pid, parent, session, group, residentPages: 0, ...rest };
  };
  const all = [
    stat(1, 0, 1),
    stat(10, 1, 10),
    stat(11, 10, 10),
    stat(12, 11, 12),
    stat(13, 1, 12),
    stat(14, 1, 10),
    stat(20, 1, 20),
  ];
  expect(selectTree(all, [10]).map(({ pid }) => pid)).toEqual([10, 11, 12, 13, 14]);
});
