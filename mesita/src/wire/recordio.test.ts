import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecodeError } from './errors.ts';
import { createRecordDecoder, encodeRecord } from './recordio.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (record: Uint8Array) => new TextDecoder().decode(record);

test('a record is its length, a line feed and its body', () => {
  expect(text(encodeRecord(bytes('{"type":"HEARTBEAT"}')))).toBe('20\n{"type":"HEARTBEAT"}');
  expect(text(encodeRecord(bytes('')))).toBe('0\n');
});

test('records come out as they went in, however the stream is cut', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(400), { maxLength: 30 }), (records, cuts) => {
      const decoder = createRecordDecoder();
      let rest: Uint8Array = Buffer.concat(records.map(encodeRecord));
      const found: Uint8Array[] = [];
      for (const cut of [...cuts, rest.length]) {
        found.push(...decoder.push(rest.subarray(0, cut)));
        rest = rest.subarray(cut);
      }
      expect(found.map((r) => [...r])).toEqual(records.map((r) => [...r]));
      expect(decoder.isAtBoundary).toBe(true);
    }),
  );
});

test('a record begun is no boundary', () => {
  const decoder = createRecordDecoder();
  expect([decoder.push(bytes('5')), decoder.isAtBoundary]).toEqual([[], false]);
  expect([decoder.push(bytes('\n')), decoder.isAtBoundary]).toEqual([[], false]);
  expect([decoder.push(bytes('hell')), decoder.isAtBoundary]).toEqual([[], false]);
  expect([decoder.push(bytes('o')).map(text), decoder.isAtBoundary]).toEqual([['hello'], true]);
});

test.each([
  ['x\n', "Failed to decode length 'x': Failed to convert 'x' to number"],
  ['\n', "Failed to decode length '': Failed to convert '' to number"],
  ['-1\n', "Failed to decode length '-1': Failed to convert '-1' to number"],
  ['101\n', 'Record of 101 bytes exceeds the limit of 100'],
  ['99999999999999999999\n', 'Record of 100000000000000000000 bytes exceeds the limit of 100'],
  ['1'.repeat(30), `Failed to decode length '${'1'.repeat(21)}': too long`],
])('the header %j ends the stream for good', (header, reason) => {
  const decoder = createRecordDecoder(100);
  const error = new DecodeError(reason);
  expect(() => decoder.push(bytes(`0\n${header}`))).toThrow(error);
  expect(() => decoder.push(bytes('0\n'))).toThrow(error);
});
