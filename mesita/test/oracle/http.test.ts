import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idle, unaccepted } from './accepted.ts';
import type { Difference } from './replay.ts';
import { type Pair, rowsOf, startPair } from './rows.ts';

/** Groups whose capability stands; `refusals.test.ts` has the others. */
const groups = 'ABCDEFGISXZ';

describe('answers of the real Mesos', () => {
  let pair: Pair;
  const found = new Map<string, Difference>();

  beforeAll(async () => {
    pair = await startPair();
    const { replay } = pair;
    for (const row of rowsOf(groups)) {
      const difference = await replay.run(row);
      if (difference) found.set(row.id, difference);
    }
    replay.close();
  }, 600_000);

  afterAll(() => pair.cluster.stop());

  for (const group of groups)
    test(`group ${group}`, () => {
      const lines = [...found.values()]
        .filter(({ id }) => id.startsWith(group))
        .map((d) => ({ ...d, details: unaccepted(d.id, d.details) }))
        .filter(({ details }) => details.length > 0)
        .flatMap((d) => [`${d.id} ${d.purpose}`, ...d.details.slice(0, 5)]);
      expect(lines.join('\n')).toBe('');
    });

  test('every accepted difference still differs', () => {
    expect(idle(found)).toEqual([]);
  });
});
