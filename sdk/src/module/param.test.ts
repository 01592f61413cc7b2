import { expect, expectTypeOf, test } from 'vitest';
import type { Result } from '../base/index.ts';
import { ok } from '../base/index.ts';
import {
  defineModule,
  type Infer,
  isModule,
  isModuleSkipped,
  ModuleSkipped,
  param,
  parseParameters,
} from './index.ts';

const params = {
  name: param.string({ required: true, help: 'Who.' }),
  grace: param.duration({ default: '5secs' }),
  size: param.bytes({ default: '1MB' }),
  tries: param.int({ default: 3, min: 1, max: 9 }),
  factor: param.float(),
  loud: param.bool({ default: false }),
  mode: param.enum(['fast', 'safe'], { default: 'safe' }),
  tags: param.list(),
  extra: param.json((value): Result<{ a: number }> => ok(value as { a: number })),
  token: param.secret(),
  each: param.resources({ default: 'cpus:0.1' }),
};

test('infers what is always there and what may be missing', () => {
  expectTypeOf<Infer<typeof params>['name']>().toEqualTypeOf<string>();
  expectTypeOf<Infer<typeof params>['grace']>().toEqualTypeOf<number>();
  expectTypeOf<Infer<typeof params>['factor']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Infer<typeof params>['mode']>().toEqualTypeOf<'fast' | 'safe'>();
  expectTypeOf<Infer<typeof params>['tags']>().toEqualTypeOf<readonly string[] | undefined>();
});

test('reads the pairs of a manifest', () => {
  const read = parseParameters(params, [
    { key: 'name', value: 'x' },
    { key: 'grace', value: '1.5mins' },
    { key: 'tags', value: 'a,b' },
    { key: 'tags', value: 'c' },
    { key: 'extra', value: '{"a":1}' },
  ]);
  expect(read).toEqual(
    ok({
      name: 'x',
      grace: 90_000,
      size: 1_048_576,
      tries: 3,
      factor: undefined,
      loud: false,
      mode: 'safe',
      tags: ['a', 'b', 'c'],
      extra: { a: 1 },
      token: undefined,
      each: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }],
    }),
  );
});

test.each([
  [[], "Parameter 'name' is required"],
  [
    [['nam', 'x']],
    "Unknown parameter 'nam'; known are name, grace, size, tries, factor, loud, mode, tags, extra, token, each",
  ],
  [
    [
      ['name', 'x'],
      ['name', 'y'],
    ],
    "Parameter 'name' is given twice",
  ],
  [[['constructor', 'x']], /^Unknown parameter 'constructor'/],
  [
    [
      ['name', 'x'],
      ['tries', '10'],
    ],
    "Bad value '10' of parameter 'tries': Expecting an integer between 1 and 9",
  ],
  [
    [
      ['name', 'x'],
      ['grace', '5'],
    ],
    "Bad value '5' of parameter 'grace': Invalid duration '5'",
  ],
  [
    [
      ['name', 'x'],
      ['loud', 'TRUE'],
    ],
    /Expecting a boolean/,
  ],
  [
    [
      ['name', 'x'],
      ['mode', 'slow'],
    ],
    /Expecting one of 'fast', 'safe'/,
  ],
  [
    [
      ['name', 'x'],
      ['extra', '{'],
    ],
    /Expecting JSON/,
  ],
] as const)('refuses %j', (pairs, message) => {
  const read = parseParameters(
    params,
    (pairs as readonly (readonly [string, string])[]).map(([key, value]) => ({ key, value })),
  );
  expect(read).toEqual({
    ok: false,
    error: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test('a secret is never shown', () => {
  expect(param.secret().format('hunter2')).toBe('(secret)');
});

test('a bad default is the bug of its author', () => {
  expect(() => param.duration({ default: 'soon' })).toThrow("Failed to convert '' to number");
});

test('a module is known by its brand', () => {
  const module = defineModule({
    kind: 'Isolator',
    name: 'org_example_Nothing',
    parameters: { grace: param.duration({ default: '5secs' }) },
    create: (_context, { grace }) => {
      expectTypeOf(grace).toEqualTypeOf<number>();
      return {};
    },
  });
  expect([isModule(module), isModule({ ...params }), isModule(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(module.apiVersion).toBe(1);
  expect([isModuleSkipped(new ModuleSkipped('no cgroups')), isModuleSkipped(new Error())]).toEqual([
    true,
    false,
  ]);
});
