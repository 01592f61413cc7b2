import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRequest } from './libprocess.ts';
import { type Delivery, takeMessage } from './libprocess-stream.ts';

const from = 'slave(1)@127.0.0.1:5051';
const to = { id: 'master', address: '127.0.0.1:5050' };
const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
const request = (body: Uint8Array, index: number) =>
  encodeRequest({ from, to, name: `mesos.internal.M${index}`, body });

function takeAll(bytes: Uint8Array) {
  const messages: Delivery[] = [];
  for (let length = 0; ; ) {
    const next = takeMessage(bytes, length);
    if (typeof next === 'string') return { messages, length, rest: next };
    messages.push(next.message);
    length = next.end;
  }
}

test('takes whole messages from any cut of the stream, and waits for the rest', () => {
  fc.assert(
    fc.property(bodies, fc.nat(), (sent, cut) => {
      const stream = Buffer.concat(sent.map(request));
      const at = cut % (stream.length + 1);
      const first = takeAll(stream.subarray(0, at));
      const second = takeAll(stream.subarray(first.length));
      expect([first.rest, second.rest]).toEqual(['partial', 'partial']);
      expect(first.length + second.length).toBe(stream.length);
      const got = [...first.messages, ...second.messages];
      expect(got.map((d) => [d.from, d.ip, d.to, d.name, [...d.body]])).toEqual(
        sent.map((body, index) => [
          from,
          '127.0.0.1',
          'master',
          `mesos.internal.M${index}`,
          [...body],
        ]),
      );
    }),
  );
});

const ping = Buffer.from(request(Buffer.from('ping'), 0)).toString();

test.each([
  ['a request that is no message', 'GET /state HTTP/1.1\r\n\r\n'],
  ['no HTTP at all', '\u0016\u0003\u0001'],
  ['a header of its own', ping.replace('Host:', 'Accept: */*\r\nHost:')],
  ['a sender in one header only', ping.replace(/Libprocess-From.*\r\n/, '')],
  ['two senders', ping.replace('From: slave(1)', 'From: slave(2)')],
  ['a sender that is no PID', ping.replaceAll(from, 'nobody')],
  ['a query', ping.replace('.M0 ', '.M0?a=b ')],
  ['a length', ping.replace('Transfer-Encoding: chunked', 'Content-Length: 4')],
  ['bare line feeds', ping.replaceAll('\r\n', '\n')],
  ['two chunks', ping.replace('0\r\n\r\n', '1\r\nx\r\n0\r\n\r\n')],
  ['a chunk extension', ping.replace('4\r\nping', '4;a=b\r\nping')],
  ['trailers', ping.replace('0\r\n\r\n', '0\r\nA: b\r\n\r\n')],
  ['an endless size', ping.replace('4\r\nping', '0000000004\r\nping')],
  ['an endless head', `POST /${'x'.repeat(5000)}`],
])('leaves %s to others', (_, text) => {
  const bytes = Buffer.from(`${ping}${text}`);
  const { messages, length, rest } = takeAll(bytes);
  expect([messages.length, length, rest]).toEqual([1, ping.length, 'other']);
});

test('answers anything', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (noise, at) => {
      const bytes = Buffer.from(ping);
      bytes.set(noise.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
      expect(takeAll(bytes).length).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
