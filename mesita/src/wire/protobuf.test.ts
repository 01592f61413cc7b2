import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enumeration, type MessageSchema, message } from './descriptor.ts';
import { DecodeError } from './errors.ts';
import { decode, encode } from './protobuf.ts';

type Loose = Record<string, unknown>;

const Color = enumeration<'RED' | 'GREEN'>({ RED: 0, GREEN: 5 });

const Leaf: MessageSchema<Loose> = message('test.Leaf', () => [
  [1, 'value', 'required', 'string'],
  [2, 'note', 'optional', 'string'],
]);

const Tree: MessageSchema<Loose> = message('test.Tree', () => [
  [1, 'leaf', 'optional', Leaf],
  [2, 'leaves', 'repeated', Leaf],
  [3, 'child', 'optional', Tree],
  [4, 'numbers', 'repeated', 'int32'],
  [5, 'color', 'optional', Color],
  [6, 'colors', 'repeated', Color],
  [7, 'limits', 'map', Leaf],
  [8, 'labels', 'map', 'string'],
  [9, 'this_one', 'optional', 'string', { oneof: 'choice' }],
  [10, 'that_one', 'optional', Leaf, { oneof: 'choice' }],
  [11, 'nanoseconds', 'optional', 'int64', { big: true }],
  [12, 'data', 'optional', 'bytes'],
]);

const scalarKinds = {
  double: fc.double({ noNaN: true }),
  float: fc.float({ noNaN: true }),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  uint32: fc.nat(0xffff_ffff),
  uint64: fc.nat(Number.MAX_SAFE_INTEGER),
  sint32: fc.integer(),
  sint64: fc.maxSafeInteger(),
  fixed32: fc.nat(0xffff_ffff),
  fixed64: fc.nat(Number.MAX_SAFE_INTEGER),
  sfixed32: fc.integer(),
  sfixed64: fc.maxSafeInteger(),
  bool: fc.boolean(),
  string: fc.string({ unit: 'grapheme', maxLength: 100 }),
  bytes: fc.uint8Array({ maxLength: 100 }),
} as const;

const kinds = Object.keys(scalarKinds) as (keyof typeof scalarKinds)[];

const Scalars: MessageSchema<Loose> = message('test.Scalars', () => [
  ...kinds.map((kind, i) => [i + 1, kind, 'optional', kind] as const),
  ...kinds.map((kind, i) => [i + 20, `many_${kind}`, 'repeated', kind] as const),
]);

const bytes = (...values: number[]) => Uint8Array.from(values);
const hex = (text: string) =>
  Uint8Array.from(text.match(/../g) ?? [], (b) => Number.parseInt(b, 16));

test('every scalar comes back as it went', () => {
  const one = Object.fromEntries(kinds.map((k) => [k, scalarKinds[k] as fc.Arbitrary<unknown>]));
  const many = Object.fromEntries(
    kinds.map((k) => [
      `many${k[0]?.toUpperCase()}${k.slice(1)}`,
      fc.array(scalarKinds[k] as fc.Arbitrary<unknown>, { minLength: 1, maxLength: 4 }),
    ]),
  );
  fc.assert(
    fc.property(fc.record({ ...one, ...many }, { requiredKeys: [] }), (value) => {
      expect(decode(Scalars, encode(Scalars, value))).toEqual(value);
    }),
  );
});

test('integers have the bytes that every other library gives them', () => {
  const written = (property: string, value: unknown) =>
    Buffer.from(encode(Scalars, { [property]: value })).toString('hex');
  expect([
    written('int32', -1),
    written('int32', 300),
    written('uint32', 0xffff_ffff),
    written('int64', -(2 ** 49)),
    written('uint64', 2 ** 40),
    written('uint64', 2 ** 64),
    written('sint32', -2),
    written('sint64', -3),
  ]).toEqual([
    '18ffffffffffffffffff01',
    '18ac02',
    '28ffffffff0f',
    '2080808080808080ffff01',
    '30808080808020',
    '30ffffffffffffffffff01',
    '3803',
    '4005',
  ]);
});

test('a bigint field keeps every bit, a number field rounds', () => {
  const ns = 1_700_000_000_123_456_789n;
  expect(decode(Tree, encode(Tree, { nanoseconds: ns }))).toEqual({ nanoseconds: ns });
  expect(decode(Tree, encode(Tree, { nanoseconds: -1n }))).toEqual({ nanoseconds: -1n });
  // 2^64 - 1 as uint64.
  expect(decode(Scalars, hex('30ffffffffffffffffff01'))).toEqual({ uint64: 2 ** 64 });
});

describe('reading', () => {
  test('the last value of a singular field wins, pieces of a message merge', () => {
    const first = encode(Tree, { leaf: { value: 'a', note: 'n' }, color: 'RED' });
    const second = encode(Tree, { leaf: { value: 'b' }, color: 'GREEN' });
    expect(decode(Tree, Buffer.concat([first, second]))).toEqual({
      leaf: { value: 'b', note: 'n' },
      color: 'GREEN',
    });
  });

  test('pieces together may bring what is required', () => {
    // leaf { note: "n" } leaf { value: "v" }
    expect(decode(Tree, hex('0a0312016e0a030a0176'))).toEqual({ leaf: { note: 'n', value: 'v' } });
  });

  test('of a oneof the last member stays', () => {
    const first = encode(Tree, { thisOne: 'x' });
    const second = encode(Tree, { thatOne: { value: 'y' } });
    expect(decode(Tree, Buffer.concat([first, second]))).toEqual({ thatOne: { value: 'y' } });
    expect(decode(Tree, Buffer.concat([second, first]))).toEqual({ thisOne: 'x' });
  });

  test('repeated scalars may come packed or not', () => {
    expect(decode(Tree, hex('2001' + '220302ac02' + '2003'))).toEqual({
      numbers: [1, 2, 300, 3],
    });
  });

  test('missing required fields are named with their paths', () => {
    const broken = hex('0a00' + '1200' + '1a021200' + '3a050a01611200' + '1200');
    expect(() => decode(Tree, broken)).toThrow(
      new DecodeError(
        'Missing required fields: leaf.value, leaves[0].value, leaves[1].value, ' +
          'child.leaves[0].value, limits[0].value.value',
      ),
    );
  });

  test('a map keeps the last of a key and lends nothing from a prototype', () => {
    const { labels } = decode(
      Tree,
      Buffer.concat([
        encode(Tree, { labels: { a: '1' } }),
        encode(Tree, { labels: JSON.parse('{"a":"2","constructor":"a","__proto__":"b"}') }),
        hex('42020a00'),
        hex('4200'),
      ]),
    ) as { labels: Record<string, string> };
    expect(Object.entries(labels)).toEqual([
      ['a', '2'],
      ['constructor', 'a'],
      ['__proto__', 'b'],
      ['', ''],
    ]);
    expect('toString' in labels).toBe(false);
  });

  test('text that is no UTF-8 is read, not refused', () => {
    expect(decode(Leaf, hex('0a03ff4142'))).toEqual({ value: '\ufffdAB' });
    expect(decode(Leaf, hex('0a04efbbbf41'))).toEqual({ value: '\ufeffA' });
  });

  test('a message holds nothing of the bytes it was read from', () => {
    const input = Buffer.from(encode(Tree, { data: bytes(1, 2, 3), $unknown: hex('a00601') }));
    const value = decode(Tree, input);
    input.fill(0);
    expect(value).toEqual({ data: bytes(1, 2, 3), $unknown: hex('a00601') });
  });
});

describe('what the schema does not know', () => {
  test.each([
    ['a field', 'a00605'],
    ['a field of each wire type', 'a00605' + 'a1060102030405060708' + 'a20601ff' + 'a50601020304'],
    ['a group', 'a306' + '0801' + 'ab06ac06' + 'a406'],
    ['a known field of another wire type', '0801'],
    ['an enum number', '2807'],
  ])('%s is kept and written again', (_, text) => {
    const value = decode(Tree, hex(text));
    expect(value).toEqual({ $unknown: hex(text) });
    expect(encode(Tree, value)).toEqual(hex(text));
  });

  test('enum numbers out of a packed list become unknown ones, the others stay', () => {
    expect(decode(Tree, hex('3203000705'))).toEqual({
      colors: ['RED', 'GREEN'],
      $unknown: hex('3007'),
    });
  });

  test('it stays with the message it came in, behind what it held', () => {
    const a = hex('0a06' + '0a0176' + 'a00601');
    const b = hex('0a03' + 'a00602');
    expect(decode(Tree, Buffer.concat([a, b]))).toEqual({
      leaf: { value: 'v', $unknown: hex('a00601a00602') },
    });
  });
});

describe('bytes that are no message', () => {
  test.each([
    ['a cut tag', 'ff'],
    ['a cut varint', '28ff'],
    ['a cut double', '0901'],
    ['a length past the end', '0a0501'],
    ['a length past the end of the part', '0a020a05'],
    ['a huge length', '0affffffff0f'],
    ['an overlong varint', '28ffffffffffffffffffff01'],
    ['field number 0', '0001'],
    ['a field number that is too large', 'f8ffffffff01'],
    ['wire type 6', '0e'],
    ['wire type 7', 'a706'],
    ['the end of no group', 'a406'],
    ['a group that does not end', 'a306'],
    ['a group that ends as another', 'a306ac06'],
  ])('%s', (_, text) => {
    expect(() => decode(Tree, hex(text))).toThrow(DecodeError);
  });

  test('nesting ends at a hundred levels, of messages and of groups', () => {
    const nest = (levels: number): Loose => (levels === 1 ? {} : { child: nest(levels - 1) });
    const depth = (value: Loose): number => (value.child ? 1 + depth(value.child as Loose) : 1);
    expect(depth(decode(Tree, encode(Tree, nest(100))))).toBe(100);
    expect(() => decode(Tree, encode(Tree, nest(101)))).toThrow('nested deeper than 100 levels');
    const groups = Uint8Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? 0xa3 : 0x06));
    expect(() => decode(Tree, groups)).toThrow('nested deeper than 100 levels');
  });
});

describe('writing', () => {
  test('an unset required field is a fault of the caller', () => {
    expect(() => encode(Tree, { leaves: [{}] })).toThrow(
      'encode: unset required fields of test.Leaf: value',
    );
    expect(() => encode(Tree, { color: 'BLUE' })).toThrow("encode: 'BLUE' is no value of color");
  });

  test('a failed or a huge message leaves nothing behind for the next', () => {
    expect(() => encode(Tree, { leaf: {} })).toThrow();
    expect(encode(Tree, { numbers: [1] })).toEqual(hex('2001'));
    const text = 'é'.repeat(1_000_000);
    expect(decode(Tree, encode(Tree, { leaf: { value: text } }))).toEqual({
      leaf: { value: text },
    });
    expect(encode(Tree, { numbers: [1] })).toEqual(hex('2001'));
  });
});
