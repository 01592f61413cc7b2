// Nothing that a peer or client sends may do more than cause a DecodeError, nor take more than
// linear time: the large inputs here would take minutes otherwise.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from './errors.ts';
import { fromJson, parse, parseText, stringify, toJson } from './json.ts';
import { decode, encode } from './protobuf.ts';
import * as master from './schema/master.ts';
import * as mesos from './schema/mesos.ts';
import * as quota from './schema/quota.ts';
import * as scheduler from './schema/scheduler.ts';
import { captures } from './testing/captures.ts';

/** Undefined when it throws a DecodeError; any other error is a failure. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

const samples = captures.map(({ schema, message }) => ({ schema, bytes: encode(schema, message) }));

/** Bytes changed, cut out, doubled or put in. */
const edits = fc.array(
  fc.record({
    at: fc.nat(),
    remove: fc.nat(3),
    insert: fc.uint8Array({ maxLength: 3 }),
    double: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

// Samples go by their number: a failure prints what it was made of, and schemas are huge.
const mutated = fc.tuple(fc.nat(samples.length - 1), edits).map(([sample, list]) => {
  let bytes: Uint8Array = samples[sample]!.bytes;
  for (const { at, remove, insert, double } of list) {
    const cut = at % (bytes.length + 1);
    const tail = double ? bytes.subarray(cut) : bytes.subarray(cut + remove);
    bytes = Buffer.concat([bytes.subarray(0, cut), insert, tail]);
  }
  return { sample, bytes };
});

const seeded = { seed: 20261125, numRuns: 1000 };

describe('protobuf', () => {
  test('damaged messages are read and written again, or refused', () => {
    fc.assert(
      fc.property(mutated, ({ sample, bytes }) => {
        const { schema } = samples[sample]!;
        const message = attempt(() => decode(schema, bytes));
        if (message === undefined) return;
        const written = encode(schema, message);
        const again = decode(schema, written);
        expect(again).toEqual(message);
        expect(encode(schema, again)).toEqual(written);
        // Whatever came by protobuf can also be shown.
        parseText(stringify(schema, message));
        toJson(schema, message);
      }),
      seeded,
    );
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        attempt(() => decode(scheduler.Call, bytes));
        attempt(() => decode(master.Event, bytes));
      }),
      seeded,
    );
  });

  const repeat = (times: number, ...bytes: number[]) =>
    Buffer.concat(Array.from({ length: times }, () => Uint8Array.from(bytes)));
  const many = 400_000;

  test.each([
    ['unknown fields', mesos.Offer, repeat(many, 0xa0, 0x06, 1)],
    // framework_info { <unknown> } over and over, each to be merged.
    ['pieces with unknown fields', scheduler.Call_Subscribe, repeat(many, 0x0a, 3, 0xa0, 0x06, 1)],
    ['members of a oneof', scheduler.AttributeConstraint_Predicate, repeat(many, 0x0a, 0, 0x12, 0)],
    ['elements without what is required', scheduler.Call_Accept, repeat(many, 0x0a, 0)],
    ['entries of one key', quota.QuotaConfig, repeat(many, 0x12, 4, 0x0a, 0, 0x12, 0)],
    ['enum numbers that are none', mesos.CapabilityInfo, repeat(many, 0x08, 1)],
    ['overlong zeroes', mesos.Value_Ranges, repeat(many, 0x80)],
    ['groups that begin', mesos.Offer, repeat(many, 0xa3, 0x06)],
    ['nested messages', mesos.Offer, nested(3_000)],
  ])('a great many %s', (_, schema, bytes) => {
    attempt(() => decode(schema, bytes));
  });

  /** Lengths that are right, many levels deep: ContainerID has a parent, which has one too. */
  function nested(levels: number): Uint8Array {
    let inner: Uint8Array = new Uint8Array();
    for (let i = 0; i < levels; i++) {
      const length = inner.length;
      inner = Buffer.concat([Uint8Array.of(0x12, 0x80 | (length & 0x7f), length >> 7), inner]);
    }
    return inner;
  }
});

describe('JSON', () => {
  const json = fc.json({ maxDepth: 4 });
  const damaged = fc
    .tuple(fc.nat(captures.length - 1), fc.nat(), fc.string({ maxLength: 3 }))
    .map(([sample, at, insert]) => {
      const { schema, message } = captures[sample]!;
      const text = stringify(schema, message);
      const cut = at % text.length;
      return { sample, text: text.slice(0, cut) + insert + text.slice(cut + 1) };
    });

  test('real messages come back as they went', () => {
    for (const { schema, message } of captures) {
      const text = stringify(schema, message);
      const { $unknown, ...known } = parse(schema, text);
      expect($unknown).toBeUndefined();
      expect(stringify(schema, known)).toBe(text);
      expect(fromJson(schema, JSON.parse(text))).toEqual(known);
    }
  });

  test('damaged texts are read or refused', () => {
    fc.assert(
      fc.property(damaged, ({ sample, text }) => {
        const { schema } = captures[sample]!;
        const message = attempt(() => parse(schema, text));
        if (message !== undefined) expect(decode(schema, encode(schema, message))).toBeDefined();
      }),
      seeded,
    );
  });

  test('any JSON, and any text', () => {
    fc.assert(
      fc.property(json, fc.string(), (text, other) => {
        expect(parseText(text)).toBeDefined();
        attempt(() => parse(scheduler.Call, text));
        attempt(() => parseText(other));
      }),
      seeded,
    );
  });

  test('what JSON.parse reads is read alike', () => {
    fc.assert(
      fc.property(json, (text) => {
        // Where a number cannot hold an integer, ours is a bigint.
        const plain = JSON.stringify(parseText(text), (_, v) =>
          typeof v === 'bigint' ? Number(v) : v,
        );
        expect(JSON.parse(plain)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each([
    ['digits', '1'.repeat(4_000_000)],
    ['digits and a sign', `${'1'.repeat(4_000_000)}-`],
    ['digits in quotes', `{"value":"${'1'.repeat(4_000_000)}x"}`],
    ['blanks', `1${' '.repeat(4_000_000)}x`],
    ['lines', `${'\n'.repeat(4_000_000)}x`],
    ['escapes', `"${'\\n'.repeat(2_000_000)}"`],
    ['surrogates', `"${'\\ud83d\\ude00'.repeat(500_000)}\\ud83d"`],
    ['brackets', '['.repeat(4_000_000)],
    ['members', `{${'"a":1,'.repeat(500_000)}"b":1}`],
    ['elements', `[${'[],'.repeat(1_000_000)}1]`],
  ])('a great many %s', (_, text) => {
    const message = (() => {
      try {
        parse(mesos.Value_Scalar, text);
        return '';
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        return (error as DecodeError).message;
      }
    })();
    expect(message.length).toBeLessThan(20_000);
  });
});
