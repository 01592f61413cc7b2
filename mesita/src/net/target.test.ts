import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTarget } from './target.ts';

test.each([
  ['/health', '/health', {}],
  ['/health?', '/health', {}],
  ['/health#frag', '/health', {}],
  ['http://127.0.0.1/health?x=1', '/health', { x: '1' }],
  ['http://127.0.0.1', '', {}],
  ['http://127.0.0.1?x=1', '', { x: '1' }],
  ['*', '*', {}],
  ['/x?a&b=&=c&a=2', '/x', { a: '2', b: '', '': 'c' }],
  ['/x?x=%41+b;y=a=b', '/x', { x: 'A b', y: 'a=b' }],
  ['/x?x=%2B%2f', '/x', { x: '+/' }],
  ['/x?x=%c3%a9', '/x', { x: 'é' }],
  ['/x?x=a%ff+b', '/x', { x: 'a\ufffd b' }],
  ['/a%zz/b', '/a%zz/b', {}],
])('%s', (target, path, query) => {
  const parsed = parseTarget(target);
  expect([parsed?.path, Object.fromEntries(parsed?.query ?? [])]).toEqual([path, query]);
});

test.each(['/x?a=%zz', '/x?%=1', '/x?a=%4'])('%s has a bad escape', (target) => {
  expect(parseTarget(target)).toBeUndefined();
});

test('whatever was encoded comes back, and nothing throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (value, noise) => {
      parseTarget(noise);
      return parseTarget(`/x?v=${encodeURIComponent(value)}`)?.query.get('v') === value;
    }),
  );
});
