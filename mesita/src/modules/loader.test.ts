import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFiles } from './loader.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'mesita-loader-')));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const load = async (path: string) => {
  const { exported, hash } = await loadFiles(path);
  return { ...(exported as { default?: unknown; said?: unknown }), hash };
};

async function failure(path: string): Promise<string> {
  const error = await loadFiles(path).catch((reason: unknown) => reason);
  return error instanceof Error ? error.message.replaceAll(root, '.') : 'nothing failed';
}

test('a library of one file has the hash of that file', async () => {
  const text = 'export const said: string = await Promise.resolve("hi");\n';
  const path = write('a.mts', text);
  const { said, hash } = await load(path);
  expect([said, hash]).toEqual(['hi', createHash('sha256').update(text).digest('hex')]);
});

test('each file that it imports, however far, is read anew and counts', async () => {
  const files = {
    'lib/b.ts': "import { said as c } from './c.js';\nexport const said = 'b' + c;",
    'lib/c.ts':
      "import d from './d.json' with { type: 'json' };\nexport const said = 'c' + d.said;",
    'lib/d.json': '{"said": "d"}',
    'e.mjs': "export const said = 'e';",
    'f.cjs': "module.exports = { said: 'f' };",
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const path = write(
    'a.ts',
    `import { said as b } from './lib/b.ts';
     import { said as e } from './e.mjs';
     import f from './f.cjs';
     import { join } from 'node:path';
     import { parseDuration } from '@mesita/sdk/base';
     export const said = join('a', b + e + f.said) + typeof parseDuration;`,
  );
  const first = await load(path);
  expect(first.said).toBe('a/bcdeffunction');
  const hashes = new Set([first.hash, (await load(path)).hash]);
  expect(hashes.size).toBe(1);
  for (const [name, text] of Object.entries(files)) {
    write(name, text.replace(/(['"])([a-f])\1(?=[;}\s])/, '$1$2!$1'));
    const { said, hash } = await load(path);
    expect([name, said, hashes.has(hash)]).toEqual([
      name,
      expect.stringContaining(`${/.*([a-f])\./.exec(name)?.[1]}!`),
      false,
    ]);
    hashes.add(hash);
  }
});

test('files may import each other in a circle, and load one of them later', async () => {
  write('b.ts', "import { a } from './a.ts';\nexport const b = () => a + 1;");
  write('c.ts', 'export const c = 5;');
  const path = write(
    'a.ts',
    `import { b } from './b.ts';
     export const a = 2;
     export const said = [b(), (await import('./c.ts')).c];`,
  );
  expect((await load(path)).said).toEqual([3, 5]);
});

test('an installed package is a library like another; packages that it needs do not count', async () => {
  const json = '{"name":"x","type":"module","exports":"./main.js"}';
  write('node_modules/needed/package.json', json.replace('"x"', '"needed"'));
  write('node_modules/needed/main.js', 'export const n = 1;');
  write('node_modules/@some/x/package.json', json.replace('"x"', '"@some/x"'));
  write('node_modules/@some/x/b.js', 'export const b = 1;');
  const path = write(
    'node_modules/@some/x/main.js',
    "import { n } from 'needed';\nimport { b } from './b.js';\nexport const said = n + b;",
  );
  const first = await load(path);
  write('node_modules/needed/main.js', 'export const n = 10;');
  const same = await load(path);
  write('node_modules/@some/x/b.js', 'export const b = 2;');
  const next = await load(path);
  expect([first.said, same.hash === first.hash, next.said, next.hash === first.hash]).toEqual([
    2,
    true,
    3,
    false,
  ]);
});

test('what is wrong is told with the file in which it is', async () => {
  const a = write('a.ts', "import './b.ts';\n");
  write('b.ts', 'export const b = 1;\nconst x: = ;\n');
  const syntax = await failure(a);
  write('b.ts', "import './nosuch.ts';\n");
  const missing = await failure(a);
  write('b.ts', "import './c.json';\n");
  write('c.json', '{');
  const json = await failure(a);
  expect([syntax, missing, json]).toEqual([
    './b.ts:2:9: syntax error: Unexpected token',
    "./b.ts: cannot find './nosuch.ts'",
    expect.stringMatching(/^\.\/c\.json: no JSON: /),
  ]);
});
