import { expect, test } from 'vitest';
import { DecodeError } from './errors.ts';
import { encodeRequest, formatPid, isMessage, parsePid, parseRequestHead } from './libprocess.ts';

test('a message without content has neither a body nor a transfer encoding', () => {
  const request = encodeRequest({
    from: 'slave(1)@127.0.0.1:5051',
    to: { id: 'slave-observer(1)', address: '127.0.0.1:5050' },
    name: 'mesos.internal.PongSlaveMessage',
    body: new Uint8Array(),
  });
  expect(new TextDecoder().decode(request).split('\r\n')).toEqual([
    'POST /slave-observer(1)/mesos.internal.PongSlaveMessage HTTP/1.1',
    'User-Agent: libprocess/slave(1)@127.0.0.1:5051',
    'Libprocess-From: slave(1)@127.0.0.1:5051',
    'Connection: Keep-Alive',
    'Host: 127.0.0.1:5050',
    '',
    '',
  ]);
});

test.each([
  [
    'slave(1)@127.0.0.1:5051',
    { id: 'slave(1)', ip: '127.0.0.1', port: 5051, address: '127.0.0.1:5051' },
  ],
  ['@0.0.0.0:0', { id: '', ip: '0.0.0.0', port: 0, address: '0.0.0.0:0' }],
  ['master@[::1]:5050', { id: 'master', ip: '::1', port: 5050, address: '[::1]:5050' }],
  [
    'master@node-1.example:5050',
    { id: 'master', ip: 'node-1.example', port: 5050, address: 'node-1.example:5050' },
  ],
])('%s is a PID', (text, parts) => {
  expect(parsePid(text)).toEqual(parts);
  expect(formatPid(parts.id, parts.ip, parts.port)).toBe(text);
});

test.each([
  '',
  'master',
  'master@',
  'master@127.0.0.1',
  'master@127.0.0.1:',
  'master@127.0.0.1:65536',
  'master@127.0.0.1:5050x',
  'a b@127.0.0.1:1',
  'master@::1:5050',
  'a@b@127.0.0.1:1',
])('%j is none', (text) => {
  expect(parsePid(text)).toBeUndefined();
});

const post = (path: string, headers: Record<string, string>) => ({ method: 'POST', path, headers });
const from = 'master@127.0.0.1:5050';

test('either header alone marks a POST as a message', () => {
  expect([
    isMessage(post('/slave(1)/x', { 'libprocess-from': from })),
    isMessage(post('/slave(1)/x', { 'user-agent': `libprocess/${from}` })),
    isMessage(post('/slave(1)/x', { 'user-agent': 'curl/8' })),
    isMessage({ ...post('/slave(1)/x', { 'libprocess-from': from }), method: 'GET' }),
  ]).toEqual([true, true, false, false]);
});

test('the receiver is percent-decoded, the name is the rest of the path', () => {
  const read = (path: string) => {
    const { to, name } = parseRequestHead(post(path, { 'user-agent': `libprocess/${from}` }));
    return [to, name];
  };
  expect(read('/slave%281%29/mesos.internal.PingSlaveMessage')).toEqual([
    'slave(1)',
    'mesos.internal.PingSlaveMessage',
  ]);
  expect(read('/files/a/b')).toEqual(['files', 'a/b']);
  expect(read('/master')).toEqual(['master', '']);
});

test.each([
  [
    post('/a/b', { 'libprocess-from': 'nobody' }),
    'Failed to determine sender from request headers',
  ],
  [post('*', { 'libprocess-from': from }), "Request URL path must start with '/'"],
  [
    post('/%zz/b', { 'libprocess-from': from }),
    'Failed to decode URL path: malformed percent-encoding',
  ],
])('nonsense is refused: %j', (head, reason) => {
  expect(() => parseRequestHead(head)).toThrow(new DecodeError(reason));
});
