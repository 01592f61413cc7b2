import { fileURLToPath } from 'node:url';
import type { FrameworkId } from '@mesita/sdk/base';
import { describe, expect, it } from 'vitest';
import { loadAllocator } from './load-allocator.ts';
import { renderReport } from './report/page.ts';
import { type Outcome, runSimulation } from './simulation.ts';
import { jainIndex, logHistogram, quantile } from './statistics.ts';
import { createSynthetic, parseRolePlans } from './workload/synthetic.ts';

const workload = createSynthetic({
  agents: 8,
  frameworks: 6,
  minutes: 2,
  seed: 7,
  roles: parseRolePlans('prod=2,<dev>', new Map()),
  load: 1,
});

const PARTS = fileURLToPath(
  new URL('../../../examples/modules/allocator-parts.ts', import.meta.url),
);

async function simulate(seed: number): Promise<Outcome> {
  const create = await loadAllocator('hierarchical');
  return runSimulation(workload, { allocator: '<h>', create, seed, onProgress() {} });
}

describe('a simulation', () => {
  it('comes out the same for the same seed, and uses what there is', async () => {
    const [one, other] = [await simulate(1), await simulate(1)];
    expect(one.complaints).toEqual([]);
    expect(other.samples).toEqual(one.samples);
    expect(other.waits).toEqual(one.waits);
    expect(one.waits.length).toBeGreaterThan(50);
    const wishes = workload.frameworks.reduce((sum, plan) => sum + plan.wishes.length, 0);
    expect(one.waits.length + one.openWaits.length).toBeLessThanOrEqual(wishes);
    const used = one.samples.at(-1)?.used.get('cpus') ?? 0;
    expect(used).toBeGreaterThan(0.3);
    expect(used).toBeLessThanOrEqual(1);
  });

  it('serves one who wants something within two cycles, however many decline everything', async () => {
    const [hungry] = workload.frameworks.filter(({ wishes }) => wishes.length >= 3);
    if (hungry === undefined) throw new Error('nobody wants anything');
    const decliners = Array.from({ length: 200 }, (_, i) => ({
      ...{ ...hungry, suppresses: false, wishes: [] },
      id: `decliner-${i}` as FrameworkId,
      joinsAtMs: 0,
    }));
    const asksAtMs = 30_000;
    const wishes = hungry.wishes.slice(0, 3).map((wish) => ({ ...wish, atMs: asksAtMs }));
    const crowd = {
      ...workload,
      options: { ...workload.options, corrections: new Set(['idle_last' as const]) },
      endMs: 60_000,
      frameworks: [...decliners, { ...hungry, joinsAtMs: asksAtMs, wishes }],
    };
    const create = await loadAllocator('hierarchical');
    const { waits, openWaits } = await runSimulation(crowd, {
      allocator: 'hierarchical',
      ...{ create, seed: 1, onProgress() {} },
    });
    expect(openWaits).toEqual([]);
    expect(waits.length).toBe(wishes.length);
    const answeredMs = 100;
    expect(waits.at(-1)).toBeLessThan(2 * crowd.options.allocationIntervalMs + answeredMs);
  });

  it('becomes a page that needs nothing else and believes no name', async () => {
    const page = renderReport(workload, [await simulate(1), await simulate(2)]);
    expect(page).not.toMatch(/<script|https?:|url\(|@import/);
    expect(page).not.toContain('<h>');
    expect(page).not.toContain('<dev>');
    expect(page.match(/<svg /g)?.length).toBe(12);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('lets parts of the allocator decide', async () => {
    const create = await loadAllocator('hierarchical', [`${PARTS}#org_example_RandomSorter`]);
    const random = await runSimulation(workload, {
      allocator: 'random',
      ...{ create, seed: 1, onProgress() {} },
    });
    expect(random.complaints).toEqual([]);
    expect(random.waits.length).toBeGreaterThan(50);
    expect(random.waits).not.toEqual((await simulate(1)).waits);
  });

  it('says what is wrong with an allocator, a part or a role', async () => {
    await expect(loadAllocator('nowhere.ts')).rejects.toThrow("no allocator 'nowhere.ts'");
    await expect(loadAllocator('hierarchical', ['nowhere.ts'])).rejects.toThrow(
      "no file 'nowhere.ts' with parts of the allocator",
    );
    await expect(loadAllocator('hierarchical', [`${PARTS}#nobody`])).rejects.toThrow(
      "exports no part 'nobody'",
    );
    await expect(loadAllocator(PARTS, [PARTS])).rejects.toThrow("only 'hierarchical' does");
    expect(() => parseRolePlans('a=0', new Map())).toThrow("'a=0' is no role=weight");
  });
});

describe('statistics', () => {
  it('Jain’s index is 1 of equals and 1/n of one who has all', () => {
    expect(jainIndex([2, 2, 2])).toBe(1);
    expect(jainIndex([1, 0, 0, 0])).toBe(0.25);
    expect(jainIndex([5])).toBeUndefined();
  });

  it('a histogram counts everything, also what is beyond its ends', () => {
    const { counts, edges } = logHistogram([0, 1, 5, 10, 1e9], { from: 1, to: 100, perDecade: 1 });
    expect(counts).toEqual([3, 2]);
    expect(edges).toEqual([1, 10, 100]);
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(3);
  });
});
