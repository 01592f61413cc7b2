import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkInside, makeDirectoryInside, unlinkInside } from './inside.ts';

let root: string;
let outside: string;

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'mesita-inside-'));
  root = join(base, 'sandbox');
  outside = join(base, 'outside');
  mkdirSync(root);
  mkdirSync(outside);
});

afterEach(() => {
  rmSync(join(root, '..'), { recursive: true });
});

test('makes directories and links', async () => {
  await makeDirectoryInside(root, 'a/b/c');
  expect(existsSync(join(root, 'a/b/c'))).toBe(true);
  await linkInside(root, 'a/b/link', '/somewhere');
  await linkInside(root, 'a/b/link', '/somewhere');
  expect(readlinkSync(join(root, 'a/b/link'))).toBe('/somewhere');
  await expect(linkInside(root, 'a/b', '/x')).rejects.toThrow('exists already');
  await unlinkInside(root, 'a/b/link');
  expect(existsSync(join(root, 'a/b/link'))).toBe(false);
});

test('a link that stands for a directory leads nowhere', async () => {
  symlinkSync(outside, join(root, 'trap'));
  await expect(makeDirectoryInside(root, 'trap/made')).rejects.toThrow();
  await expect(linkInside(root, 'trap/link', '/x')).rejects.toThrow();
  await expect(makeDirectoryInside(root, '../made')).rejects.toThrow();
  expect(existsSync(join(outside, 'made'))).toBe(false);
  expect(existsSync(join(outside, 'link'))).toBe(false);
});
