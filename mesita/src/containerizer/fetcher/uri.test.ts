import { expect, test } from 'vitest';
import { planFetch } from './uri.ts';

test.each([
  ['/a/b.tgz', { kind: 'local', path: '/a/b.tgz' }, 'b.tgz'],
  ['  file:///a/b', { kind: 'local', path: '/a/b' }, 'b'],
  ['file://localhost/a/b', { kind: 'local', path: '/a/b' }, 'b'],
  ['rel/b', { kind: 'local', path: '/home/rel/b' }, 'b'],
  ['http://h:1/x/b?q=1', { kind: 'http', url: 'http://h:1/x/b?q=1' }, 'b?q=1'],
])('%s', (value, source, output) => {
  expect(planFetch({ value }, '/home')).toMatchObject({ ok: true, value: { source, output } });
});

test.each([
  ['', undefined],
  ["/a/it's", undefined],
  ['/a\\b', undefined],
  ['/a\nb', undefined],
  ['file://relative/a', undefined],
  ['http://host/', undefined],
  ['http://host', undefined],
  ['ftp://h/x', undefined],
  ['hdfs://h/x', undefined],
  ['/a/..', undefined],
  ['/a', '/absolute'],
  ['/a', '../up'],
  ['/a', 'x/../../up'],
])('%s to %s is refused', (value, outputFile) => {
  expect(planFetch({ value, outputFile }, '/home').ok).toBe(false);
});
