import { expect, test } from 'vitest';
import { acceptedType, contentType, JSON_TYPE, PROTOBUF_TYPE } from './media-types.ts';

const types = [JSON_TYPE, PROTOBUF_TYPE] as const;

test.each([
  [undefined, JSON_TYPE],
  ['', undefined],
  ['*/*', JSON_TYPE],
  ['application/*', JSON_TYPE],
  ['application/x-protobuf', PROTOBUF_TYPE],
  ['application/x-protobuf, application/json', JSON_TYPE],
  ['application/json;q=0.1, application/x-protobuf;q=0.9', JSON_TYPE],
  ['application/json;q=0, */*', PROTOBUF_TYPE],
  ['application/json;q=0', undefined],
  ['application/*;q=0', undefined],
  ['*/*;q=0', undefined],
  ['application/json; charset=utf-8', JSON_TYPE],
  ['Application/JSON', JSON_TYPE],
  ['text/html, application/json', JSON_TYPE],
  ['text/html, */*;q=0.1', JSON_TYPE],
  ['application/recordio', undefined],
  ['garbage', undefined],
])('Accept %j takes %j', (accept, type) => {
  expect(acceptedType({ headers: { accept } }, types)).toBe(type);
});

test.each([
  [undefined, 400, "Expecting 'Content-Type' to be present"],
  ['', 415, "Expecting 'Content-Type' of application/json or application/x-protobuf"],
  ['application/json; charset=utf-8', 415, /^Expecting/],
  ['application/JSON', 415, /^Expecting/],
])('Content-Type %j is refused with %d', (sent, status, text) => {
  const result = contentType({ headers: { 'content-type': sent } }, types);
  if (result.ok) throw new Error('accepted');
  expect(result.error.status).toBe(status);
  expect(result.error.body).toEqual(expect.stringMatching(text));
});

test('an exact Content-Type is taken', () => {
  expect(contentType({ headers: { 'content-type': JSON_TYPE } }, types)).toEqual({
    ok: true,
    value: JSON_TYPE,
  });
});
