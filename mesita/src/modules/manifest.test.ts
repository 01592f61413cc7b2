import { expect, test } from 'vitest';
import { manifestParam, parseManifest } from './manifest.ts';

test('§1.6 keeps order and duplicates of parameters; one value stands for a list of one', () => {
  const [library] = parseManifest(
    '{"libraries":{"file":"a.ts","x":1,"modules":{"name":"M","parameters":[{"key":"k","value":"1"},{"key":"k","value":"2"}]}}}',
  ).libraries;
  expect(library).toEqual({
    file: 'a.ts',
    name: undefined,
    modules: [
      {
        name: 'M',
        as: undefined,
        home: 'daemon',
        limits: {},
        onFailure: undefined,
        parameters: [
          { key: 'k', value: '1' },
          { key: 'k', value: '2' },
        ],
      },
    ],
  });
});

test('reads what Mesita adds, module by module', () => {
  const text = JSON.stringify({
    libraries: [
      { file: 'a.ts' },
      {
        file: 'b.ts',
        modules: [
          { name: 'M' },
          {
            name: 'M',
            as: 'M-2',
            home: 'worker',
            limits: { memory: '64MB', deadline: '500ms', create: '1secs' },
            on_failure: 'last-known-good',
          },
        ],
      },
    ],
  });
  expect(parseManifest(text).libraries[1]?.modules[1]).toEqual({
    name: 'M',
    as: 'M-2',
    parameters: [],
    home: 'worker',
    limits: { memoryBytes: 67_108_864, deadlineMs: 500, createMs: 1000 },
    onFailure: 'last-known-good',
  });
});

test.each([
  ['{', 'syntax error at line 1 near: '],
  ['[]', 'Unexpected JSON type parsed'],
  [
    '{"libraries":{"modules":{"name":"M","home":"moon"}}}',
    "Bad 'home' of module 'M': Expecting one of 'daemon', 'worker', 'process', 'program'",
  ],
  [
    '{"libraries":{"modules":{"name":"M","as":"../x"}}}',
    "Bad 'as' of module 'M': Expecting letters, digits, dots, dashes and underscores",
  ],
  [
    '{"libraries":{"modules":{"name":"M","limits":{"memory":7}}}}',
    "Bad 'memory' of module 'M': Expecting a string",
  ],
])('refuses %s', (text, error) => {
  expect(manifestParam().parse(text)).toEqual({ ok: false, error });
});
