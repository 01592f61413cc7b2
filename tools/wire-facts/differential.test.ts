// The same bytes through @bufbuild/protobuf, by descriptors instead of our tables.
import { type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Field, MessageSchema } from '../../mesita/src/wire/descriptor.ts';
import { decode, encode } from '../../mesita/src/wire/protobuf.ts';
import * as agent from '../../mesita/src/wire/schema/agent.ts';
import * as executor from '../../mesita/src/wire/schema/executor.ts';
import * as master from '../../mesita/src/wire/schema/master.ts';
import * as mesos from '../../mesita/src/wire/schema/mesos.ts';
import * as scheduler from '../../mesita/src/wire/schema/scheduler.ts';
import { buildDescriptors } from './descriptors.ts';

const registry = buildDescriptors();

const scalars: Record<string, fc.Arbitrary<unknown>> = {
  double: fc.double({ noNaN: true }),
  float: fc.float({ noNaN: true }),
  bool: fc.boolean(),
  int32: fc.integer(),
  sint32: fc.integer(),
  uint32: fc.nat(0xffff_ffff),
  int64: fc.maxSafeInteger(),
  uint64: fc.nat(Number.MAX_SAFE_INTEGER),
  string: fc.string({ unit: 'grapheme', maxLength: 12 }),
  bytes: fc.uint8Array({ maxLength: 12 }),
};

/** Messages of proto3 among ours: a zero is not written, so it cannot be told from nothing. */
const writesNoZeros = ({ name }: { name: string }) => name === 'google.protobuf.Duration';

/** Any message that has what it must, thinner the deeper it lies. */
function anyMessage(schema: MessageSchema<unknown>, depth: number): fc.Arbitrary<object> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  const required: string[] = [];
  for (const field of schema.fields) {
    if (field.label === 'required') required.push(field.property);
    else if (depth > 2 || field.oneof) continue;
    const any = anyField(field, depth);
    fields[field.property] = writesNoZeros(schema) ? any.filter((value) => value !== 0) : any;
  }
  return fc.record(fields, { requiredKeys: required });
}

function anyField(field: Field, depth: number): fc.Arbitrary<unknown> {
  const value = anyValue(field, depth);
  if (field.label === 'repeated') return fc.array(value, { minLength: 1, maxLength: 2 });
  if (field.label === 'map')
    return fc.dictionary(fc.string({ maxLength: 3 }), value, { minKeys: 1, maxKeys: 2 });
  return value;
}

function anyValue({ type, big }: Field, depth: number): fc.Arbitrary<unknown> {
  if (big) return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
  if (typeof type === 'string') return scalars[type] as fc.Arbitrary<unknown>;
  if (type.kind === 'enum') return fc.constantFrom(...type.names.values());
  return anyMessage(type, depth + 1);
}

test.each([
  mesos.TaskInfo,
  mesos.Offer,
  scheduler.Call,
  scheduler.Event,
  executor.Call,
  master.Call,
  agent.Call,
])('messages of $name are the same to both libraries', (schema: MessageSchema<object>) => {
  const descriptor = registry.getMessage(schema.name) as DescMessage;
  fc.assert(
    fc.property(anyMessage(schema, 0), (message) => {
      const bytes = encode(schema, message);
      const theirs = toBinary(descriptor, fromBinary(descriptor, bytes));
      expect(decode(schema, theirs)).toEqual(decode(schema, bytes));
      expect(decode(schema, bytes)).toEqual(message);
      expect(theirs.length).toBe(bytes.length);
    }),
    { numRuns: 50 },
  );
});
