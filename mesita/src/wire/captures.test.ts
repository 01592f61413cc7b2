import { expect, test } from 'vitest';
import { encodeRequest, isMessage, parsePid, parseRequestHead } from './libprocess.ts';
import { decode, encode } from './protobuf.ts';
import { captures, inModelWords } from './testing/captures.ts';
import { toTextFormat } from './text-format.ts';

test.each(captures)('$name of $size bytes', ({ schema, message, size, text }) => {
  const bytes = encode(schema, message);
  // Paths of the machine were rewritten when the captures were kept.
  if (!text.some((line) => line.includes('"/usr/libexec/mesos'))) expect(bytes.length).toBe(size);
  expect(decode(schema, bytes)).toEqual(message);
  const shown = text.join('\n').replace(shownCheckpoint, '$1');
  expect(inModelWords(toTextFormat(schema, message))).toBe(inModelWords(`${shown}\n`));
});

/** SlaveInfo.checkpoint is unknown to the model, also where C++ lets it through to v1. */
const shownCheckpoint = /((?:slave|agent)(?:_info)? \{\n(?: .*\n)*?) *(?:checkpoint: true|7: 1)\n/g;

const requests = captures.filter(({ head }) => head.length > 0);

test.each(requests)('the request of $name', ({ name, size, head }) => {
  const [line = '', ...fields] = head;
  const headers = Object.fromEntries(
    fields.map((field) => {
      const [, key = '', value = ''] = /^(.*?): (.*)$/.exec(field) ?? [];
      return [key.toLowerCase(), value];
    }),
  );
  const [method = '', path = ''] = line.split(' ');
  const message = parseRequestHead({ method, path, headers });
  expect(isMessage({ method, path, headers })).toBe(true);
  expect(message.name).toBe(name);
  const from = headers['libprocess-from'] as string;
  expect(message.from).toEqual(parsePid(from));
  const to = { id: message.to, address: headers.host as string };
  const request = encodeRequest({ from, to, name, body: new Uint8Array(size) });
  expect(Buffer.from(request).toString('latin1')).toBe(
    `${head.join('\r\n')}\r\n\r\n${size.toString(16)}\r\n${'\0'.repeat(size)}\r\n0\r\n\r\n`,
  );
});
