import { expect, test } from 'vitest';
import { parseElectionUrl, showElectionUrl } from './election-url.ts';

test('servers, credential and path', () => {
  const url = parseElectionUrl('zk://ann:a:b@c@h1:1,[::1],h3/mesos//');
  expect(url).toEqual({
    ok: true,
    value: {
      scheme: 'zk',
      credential: { name: 'ann', password: 'a:b@c' },
      servers: [
        { host: 'h1', port: 1 },
        { host: '::1', port: 2181 },
        { host: 'h3', port: 2181 },
      ],
      path: '/mesos',
    },
  });
  expect(url?.ok && showElectionUrl(url.value)).toBe('zk://h1:1,[::1]:2181,h3:2181/mesos');
  expect(parseElectionUrl('etcd://h/a/b')).toMatchObject({
    value: { servers: [{ host: 'h', port: 2379 }], path: '/a/b' },
  });
});

test.each([
  ['zk://ann@h/x', "Expecting 'username:password' before '@'"],
  ['zk:///x', "Expecting 'host:port' or several of them, separated by commas"],
  ['zk://h:65536/x', "Expecting 'host:port' or several of them, separated by commas"],
  ['zk://h', "Expecting a (chroot) path for ZooKeeper ('/' is not supported)"],
  ['etcd://h/', "Expecting a (chroot) path for etcd ('/' is not supported)"],
  ['zk://h/a//b', 'Expecting a path without empty parts'],
])('%s is refused', (text, error) => {
  expect(parseElectionUrl(text)).toEqual({ ok: false, error });
});

test.each(['', 'h:1', 'file:///zk', 'zk:/h/x'])('%j is something else', (text) => {
  expect(parseElectionUrl(text)).toBeUndefined();
});
