import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unwrap } from '../base/result.ts';
import type { Resource } from '../types/mesos.ts';
import { Resources, toEndpointFormat, toPostRefinement, toPreRefinement } from './index.ts';

const thousandths = fc.integer({ min: 1, max: 100_000_000 }).map((n) => n / 1000);
const scalar = fc.record({
  name: fc.constantFrom('cpus', 'mem', 'disk', 'gpus'),
  type: fc.constant('SCALAR' as const),
  scalar: thousandths.map((value) => ({ value })),
});
// One interval per block of a hundred numbers, so that ranges never touch.
const ranges = fc
  .uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 })
  .map((blocks) => ({
    name: 'ports',
    type: 'RANGES' as const,
    ranges: { range: blocks.map((block) => ({ begin: block * 100, end: block * 100 + 40 })) },
  }));
const set = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }).map((item) => ({
  name: 'zones',
  type: 'SET' as const,
  set: { item },
}));
const stack = fc.constantFrom<Resource.ReservationInfo[]>(
  [],
  [{ type: 'STATIC', role: 'a' }],
  [
    {
      type: 'DYNAMIC',
      role: 'a',
      principal: 'p',
      labels: { labels: [{ key: 'k', value: 'v' }, { key: 'l' }] },
    },
  ],
  [
    { type: 'STATIC', role: 'a' },
    { type: 'DYNAMIC', role: 'a/b' },
  ],
);
const resource: fc.Arbitrary<Resource> = fc
  .tuple(fc.oneof(scalar, ranges, set), stack, fc.boolean())
  .map(([value, reservations, isRevocable]) => ({
    ...value,
    ...(reservations.length > 0 && { reservations }),
    ...(isRevocable && { revocable: {} }),
  }));
const resources = fc
  .array(resource, { maxLength: 8 })
  .map((list) => unwrap(Resources.fromMessages(list)));
const scalars = fc.array(scalar, { maxLength: 8 }).map((list) => Resources.of(list));
const volume = fc.constantFrom('v1', 'v2').map(
  (id): Resource => ({
    name: 'disk',
    type: 'SCALAR',
    scalar: { value: 10 },
    reservations: [{ type: 'DYNAMIC', role: 'a' }],
    disk: { persistence: { id }, volume: { containerPath: 'data', mode: 'RW' } },
    shared: {},
  }),
);
const withVolumes = fc
  .tuple(resources, fc.array(volume, { maxLength: 4 }))
  .map(([r, v]) => r.add(Resources.of(v)));

describe('Resources', () => {
  test('adding is commutative and associative', () => {
    fc.assert(
      fc.property(withVolumes, withVolumes, withVolumes, (a, b, c) => {
        expect(a.add(b).equals(b.add(a))).toBe(true);
        expect(
          a
            .add(b)
            .add(c)
            .equals(a.add(b.add(c))),
        ).toBe(true);
        expect(Resources.sum([a, b, c]).equals(a.add(b).add(c))).toBe(true);
      }),
    );
  });

  test('what was added can be taken away again', () => {
    fc.assert(
      fc.property(scalars, scalars, (a, b) => {
        expect(a.add(b).subtract(b).equals(a)).toBe(true);
        expect(a.add(b).subtract(a).subtract(b).isEmpty).toBe(true);
      }),
    );
  });

  test('containing is a partial order that adding respects', () => {
    fc.assert(
      fc.property(withVolumes, withVolumes, withVolumes, (a, b, c) => {
        expect(a.contains(a)).toBe(true);
        expect(a.add(b).contains(a)).toBe(true);
        expect(a.contains(a.subtract(b))).toBe(true);
        if (a.contains(b) && b.contains(c)) expect(a.contains(c)).toBe(true);
        if (a.contains(b) && b.contains(a)) expect(a.equals(b)).toBe(true);
      }),
    );
  });

  test('messages survive every format', () => {
    fc.assert(
      fc.property(withVolumes, (a) => {
        for (const format of ['post', 'pre', 'endpoint'] as const) {
          expect(unwrap(Resources.fromMessages(a.toMessages(format))).equals(a)).toBe(true);
        }
      }),
    );
    fc.assert(
      fc.property(resource, (message) => {
        const post = toPostRefinement(message);
        const pre = toPreRefinement(post);
        if (pre !== undefined) expect(toPostRefinement(pre)).toEqual(post);
        expect(toPostRefinement(toEndpointFormat(post))).toEqual(post);
      }),
    );
  });

  test('the text of unreserved resources reads back', () => {
    fc.assert(
      fc.property(withVolumes, (a) => {
        const plain = a.unreserved().nonRevocable();
        if (!plain.isEmpty)
          expect(unwrap(Resources.parse(plain.toString())).equals(plain)).toBe(true);
      }),
    );
  });

  test('a million random steps do not drift', () => {
    let seed = 1;
    const next = () => {
      seed = (seed * 48271) % 2147483647;
      return seed;
    };
    const parts = Array.from({ length: 16 }, () =>
      unwrap(Resources.parse(`cpus:${(next() % 5000) / 1000 + 0.001};mem:0.1`)),
    );
    const held = new Array<boolean>(parts.length).fill(false);
    let total = Resources.empty;
    for (let step = 0; step < 1_000_000; step++) {
      const which = next() % parts.length;
      const part = parts[which] as Resources;
      total = held[which] ? total.subtract(part) : total.add(part);
      held[which] = !held[which];
    }
    expect(total.equals(Resources.sum(parts.filter((_, index) => held[index])))).toBe(true);
  });
});

describe('large Resources', () => {
  const labelled = (value: string): Resource => ({
    name: 'cpus',
    type: 'SCALAR',
    scalar: { value: 0.1 },
    reservations: [{ type: 'DYNAMIC', role: 'r', labels: { labels: [{ key: 'task', value }] } }],
  });

  test('a thousand labelled reservations add up', () => {
    const list = Array.from({ length: 1000 }, (_, i) => labelled(String(i)));
    let total = Resources.empty;
    for (const message of list) total = total.add(Resources.of([message]));
    total = total.add(Resources.of(list));
    expect([total.length, total.scalar('cpus'), total.subtract(total).isEmpty]).toEqual([
      1000,
      200,
      true,
    ]);
  });

  test('a thousand intervals join another thousand', () => {
    const every = (first: number) =>
      Resources.of([
        {
          name: 'ports',
          type: 'RANGES',
          ranges: {
            range: Array.from({ length: 1000 }, (_, i) => ({
              begin: first + i * 4,
              end: first + i * 4 + 1,
            })),
          },
        },
      ]);
    expect(every(0).add(every(2)).toString()).toBe('ports:[0-3999]');
    expect(every(0).add(every(2)).subtract(every(2)).equals(every(0))).toBe(true);
  });
});
