import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mesitaVersion } from './version.ts';

test.each(['mesita', 'sdk'])(
  'the package %s has the version that modules are held against',
  (name) => {
    const file = new URL(`../../../${name}/package.json`, import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8')).version).toBe(mesitaVersion);
  },
);
