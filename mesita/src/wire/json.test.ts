import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { MessageSchema } from './descriptor.ts';
import { DecodeError } from './errors.ts';
import {
  fromJson,
  fromJsonList,
  parse,
  parseText,
  parseTextAs,
  stringify,
  toJson,
} from './json.ts';
import * as agent from './schema/agent.ts';
import * as executor from './schema/executor.ts';
import * as maintenance from './schema/maintenance.ts';
import * as master from './schema/master.ts';
import * as mesos from './schema/mesos.ts';
import * as quota from './schema/quota.ts';
import * as resourceProvider from './schema/resource-provider.ts';
import * as scheduler from './schema/scheduler.ts';

/** What a real Mesos made of a body: accepted, or the text of its answer without the preamble. */
interface OracleRow {
  readonly id: string;
  readonly schema: keyof typeof calls;
  readonly body: string;
  readonly error?: string;
  readonly errorStart?: string;
}

const calls = {
  'master.Call': master.Call,
  'agent.Call': agent.Call,
  'scheduler.Call': scheduler.Call,
  'executor.Call': executor.Call,
  'resourceProvider.Call': resourceProvider.Call,
};

const rows = readFileSync(new URL('testdata/oracle-json.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as OracleRow);

test.each(rows)('$id: as Mesos answered to $body', ({ schema, body, error, errorStart }) => {
  const outcome = errorOf(() => parse(calls[schema] as MessageSchema<unknown>, body));
  if (errorStart !== undefined) expect(outcome?.slice(0, errorStart.length)).toBe(errorStart);
  else expect(outcome).toBe(error);
});

const answers = readFileSync(new URL('testdata/answers.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t') as ['master.Response' | 'agent.Response', string]);

test.each(answers)('an answer of Mesos, %s, read and written, is the same: %s', (name, text) => {
  const schema: MessageSchema<unknown> =
    name === 'master.Response' ? master.Response : agent.Response;
  const message = parse(schema, text);
  // The order of members is Mesos' by declaration and ours by number.
  expect(JSON.parse(stringify(schema, message))).toEqual(JSON.parse(text));
  expect(sortedLetters(stringify(schema, message))).toBe(sortedLetters(text));
});

const sortedLetters = (text: string) => [...text].sort().join('');

function errorOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return (error as DecodeError).message;
  }
  return undefined;
}

describe('text', () => {
  test.each([
    ['1.', 1],
    ['-.5', -0.5],
    ['01', 1],
    ['3.6e+06', 3_600_000],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 2 ** 64],
    ['1e23', 1e23],
    [' \t\r\n"x"\n\v\f', 'x'],
    ['"\\ud83d\\ude00\\/\\b"', '😀/\b'],
    ['"\\u007f\u007f"', '\u007f\u007f'],
  ])('%j is read', (text, value) => {
    expect(parseText(text)).toEqual(value);
  });

  test.each([
    ['', 'syntax error at line 1 near: '],
    ['[\n1,\n x]\n', 'syntax error at line 3 near: x]'],
    ['{"a":1', 'syntax error at line 1 near: '],
    ['{"a" 1}', 'syntax error at line 1 near: 1}'],
    ['{a:1}', 'syntax error at line 1 near: a:1}'],
    ['"\\ud800"', 'syntax error at line 1 near: "'],
    ['"\\ud800\\u0041x"', 'syntax error at line 1 near: x"'],
    ['"\\udc00 "', 'syntax error at line 1 near:  "'],
    ['"\\x"', 'syntax error at line 1 near: "'],
    ['"\\u00g0"', 'syntax error at line 1 near: g0"'],
    ['"a\nb"', 'syntax error at line 1 near: '],
    ['\ufeff{}', 'syntax error at line 1 near: \ufeff{}'],
    ['+1', 'syntax error at line 1 near: +1'],
    ['1e', 'syntax error at line 1 near: '],
    ['nul', 'syntax error at line 1 near: '],
    ['1e999', 'Value out of range'],
    ['1 2 ', 'Parsed JSON included non-whitespace trailing characters:  2'],
  ])('%j is refused', (text, error) => {
    expect(errorOf(() => parseText(text))).toBe(error);
  });

  test('nesting ends at 200 levels of arrays and objects', () => {
    const nest = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
    expect(errorOf(() => parseText(nest(200)))).toBeUndefined();
    expect(errorOf(() => parseText(nest(202)))).toMatch(/^syntax error at line 1 near: \{"a":1\}/);
    expect(errorOf(() => parseText('{"a":'.repeat(1_000_000)))).toMatch(/^syntax error/);
  });

  test('members may have any name', () => {
    const value = parseText('{"__proto__":1,"constructor":2}') as Record<string, unknown>;
    expect(Object.entries(value)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  test('old endpoints name no kind of JSON but refuse all others', () => {
    expect(errorOf(() => parseTextAs('object', '[]'))).toBe('Unexpected JSON type parsed');
    expect(errorOf(() => parseTextAs('array', '{}'))).toBe('Unexpected JSON type parsed');
    const list = (text: string) => fromJsonList(mesos.WeightInfo, parseTextAs('array', text));
    expect(errorOf(() => list('[1]'))).toBe('Expecting a JSON object');
    expect(errorOf(() => list('[{"role":"x"}]'))).toBe('Missing required fields: weight');
    expect(list('[{"role":"x","weight":2}]')).toEqual([{ role: 'x', weight: 2 }]);
    const schedule = '{"windows": [{"machine_ids": [{"hostname": "h1"}]}]}';
    expect(errorOf(() => parse(maintenance.Schedule, schedule))).toBe(
      'Missing required fields: windows[0].unavailability',
    );
  });
});

describe('messages', () => {
  const resource = (json: object) =>
    fromJson(mesos.Resource, { name: 'n', type: 'SCALAR', ...json });

  test('null is unset; a bare value is a list of one; lists in lists are flat', () => {
    const framework = { user: null, name: 'n', roles: 'x', capabilities: null, labels: null };
    expect(errorOf(() => fromJson(mesos.FrameworkInfo, framework))).toBe(
      'Missing required fields: user',
    );
    expect(fromJson(mesos.FrameworkInfo, { ...framework, user: '' })).toEqual({
      user: '',
      name: 'n',
      roles: ['x'],
    });
    expect(fromJson(mesos.Value_Set, { item: ['a', ['b', [], null], 'c'] })).toEqual({
      item: ['a', 'b', 'c'],
    });
  });

  test('numbers and booleans may be strings, infinite doubles must', () => {
    expect(fromJson(mesos.Value_Scalar, { value: '1.5' })).toEqual({ value: 1.5 });
    expect(fromJson(mesos.Value_Scalar, { value: '-Infinity' })).toEqual({ value: -Infinity });
    expect(errorOf(() => fromJson(mesos.Value_Scalar, { value: 'NaN' }))).toBe(
      "Failed to parse 'NaN' as a JSON number for field 'value': syntax error at line 1 near: NaN",
    );
    expect(errorOf(() => fromJson(mesos.Value_Scalar, { value: 'true' }))).toBe(
      "Failed to parse 'true' as a JSON number for field 'value': Unexpected JSON type parsed",
    );
    expect(fromJson(mesos.CommandInfo, { shell: 'false' })).toEqual({ shell: false });
    expect(errorOf(() => fromJson(mesos.CommandInfo, { shell: '1' }))).toBe(
      "Failed to parse '1' as a JSON boolean for field 'shell': Unexpected JSON type parsed",
    );
    const range = fromJson(mesos.Value_Range, { begin: '31000', end: '3.2e4' });
    expect(range).toEqual({ begin: 31000, end: 32000 });
  });

  test.each([
    [-1, 0xffff_ffff],
    [1.9, 1],
    [2 ** 32, 0],
    [1e23, 0xffff_ffff],
    [-1.5, 0],
  ])('%d as uint32 is %d, and never refused', (value, expected) => {
    expect(fromJson(mesos.HealthCheck, { consecutive_failures: value })).toEqual({
      consecutiveFailures: expected,
    });
  });

  test('64-bit integers round, but nanoseconds do not', () => {
    const text = '{"begin":-1,"end":18446744073709551615}';
    expect(parse(mesos.Value_Range, text)).toEqual({ begin: 2 ** 64, end: 2 ** 64 });
    const duration = parse(mesos.DurationInfo, '{"nanoseconds":1700000000123456789}');
    expect(duration).toEqual({ nanoseconds: 1700000000123456789n });
    expect(stringify(mesos.DurationInfo, duration)).toBe('{"nanoseconds":1700000000123456789}');
    expect(toJson(mesos.DurationInfo, duration)).toEqual({ nanoseconds: 1700000000123456800 });
    expect(stringify(mesos.Value_Range, { begin: 0, end: 2 ** 63 })).toBe(
      '{"begin":0,"end":9223372036854775808}',
    );
  });

  test('enum names that are none leave an optional field unset', () => {
    expect(errorOf(() => resource({ type: 'NOSUCH' }))).toBe("Failed to find enum for 'NOSUCH'");
    expect(errorOf(() => resource({ type: 'toString' }))).toBe(
      "Failed to find enum for 'toString'",
    );
    const capabilities = [{ type: 'NOSUCH' }, { type: 'GPU_RESOURCES' }];
    expect(
      fromJson(mesos.FrameworkInfo, { user: 'u', name: 'n', capabilities }).capabilities,
    ).toEqual([{}, { type: 'GPU_RESOURCES' }]);
  });

  test('bytes are base64; blanks are skipped and "=" ends them', () => {
    const read = (data: string) =>
      fromJson(mesos.TaskStatus, {
        task_id: { value: 't' },
        state: 'TASK_RUNNING',
        data,
      }).data;
    expect(read('AQID\n BAU=')).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    expect(read('AQIDBA')).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(read('=AQID')).toEqual(new Uint8Array());
    expect(errorOf(() => read('AQ-_'))).toBe(
      "Failed to base64 decode bytes field 'data': Invalid character '-'",
    );
  });

  test('of a oneof the member that comes last by name wins', () => {
    const predicate = { text_equals: { value: 'x' }, exists: {} };
    expect(fromJson(scheduler.AttributeConstraint_Predicate, predicate)).toEqual({
      textEquals: { value: 'x' },
    });
  });

  test('maps have any keys; a value of null is an empty one', () => {
    const text = '{"role":"r","limits":{"__proto__":{"value":1},"cpus":{"value":2}}}';
    const { limits } = parse(quota.QuotaConfig, text);
    expect(Object.entries(limits ?? {})).toEqual([
      ['__proto__', { value: 1 }],
      ['cpus', { value: 2 }],
    ]);
    expect(errorOf(() => parse(quota.QuotaConfig, '{"role":"r","limits":{"cpus":null}}'))).toBe(
      'Missing required fields: limits[0].value.value',
    );
    expect(errorOf(() => parse(quota.QuotaConfig, '{"role":"r","limits":1}'))).toBe(
      "Not expecting a JSON number for field 'limits'",
    );
  });

  test('a list of many empty messages does not make a long answer', () => {
    const text = `{"weight_infos":[${'{},'.repeat(100_000)}{}]}`;
    expect(errorOf(() => parse(master.Call_UpdateWeights, text))?.length).toBeLessThan(3000);
  });
});

describe('writing', () => {
  const status = {
    taskId: { value: 't' },
    state: 'TASK_LOST',
    source: 'SOURCE_AGENT',
    reason: 'REASON_AGENT_REMOVED',
    agentId: { value: 'a' },
    timestamp: 1795331992.971595,
    healthy: false,
    uuid: Uint8Array.of(255, 0, 1),
    message: 'line\n"quoted"\u2028',
  } as const;

  test('a status, in the words of both versions', () => {
    expect(stringify(mesos.TaskStatus, status)).toBe(
      '{"task_id":{"value":"t"},"state":"TASK_LOST","message":"line\\n\\"quoted\\"\u2028",' +
        '"agent_id":{"value":"a"},"timestamp":1795331992.971595,"healthy":false,' +
        '"source":"SOURCE_AGENT","reason":"REASON_AGENT_REMOVED","uuid":"/wAB"}',
    );
    expect(toJson(mesos.TaskStatus, status, { words: 'v0' })).toEqual({
      ...toJson(mesos.TaskStatus, status),
      agent_id: undefined,
      slave_id: { value: 'a' },
      source: 'SOURCE_SLAVE',
      reason: 'REASON_SLAVE_REMOVED',
    });
  });

  test('stated defaults are written when unset, unless deprecated', () => {
    // FrameworkInfo.role has a default, but is deprecated.
    const info = { user: 'u', name: 'n', capabilities: [] };
    const text = '{"user":"u","name":"n","failover_timeout":0.0,"checkpoint":false}';
    expect(JSON.parse(stringify(mesos.FrameworkInfo, info))).toEqual(JSON.parse(text));
    expect(toJson(mesos.FrameworkInfo, info)).toEqual(JSON.parse(text));
    expect(stringify(mesos.Filters, {})).toBe('{"refuse_seconds":5.0}');
    expect(stringify(mesos.Environment_Variable, { name: 'n' })).toBe(
      '{"name":"n","type":"VALUE"}',
    );
  });

  test.each([
    [4, '4.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [1e21, '1e21'],
    [1.5e-7, '1.5e-7'],
    [Number.POSITIVE_INFINITY, '"Infinity"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ])('the double %d is %s', (value, text) => {
    expect(stringify(mesos.Value_Scalar, { value })).toBe(`{"value":${text}}`);
  });

  test('toJson and stringify say the same', () => {
    const config = {
      role: 'r',
      limits: { 'a"b': { value: 1 }, c: { value: Infinity } },
      guarantees: {},
    };
    expect(JSON.parse(stringify(quota.QuotaConfig, config))).toEqual(
      toJson(quota.QuotaConfig, config),
    );
    expect(toJson(quota.QuotaConfig, config)).toEqual({
      role: 'r',
      limits: { 'a"b': { value: 1 }, c: { value: 'Infinity' } },
    });
  });
});
