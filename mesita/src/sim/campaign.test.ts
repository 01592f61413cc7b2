import { expect, test } from 'vitest';
import { campaign, shortWorld } from './campaign.ts';
import { found } from './found.ts';
import { simulate } from './simulation.ts';
import { type FaultPoint, faultPointNames } from './world/fault-points.ts';
import { type Sabotage, sabotages } from './world/sabotage.ts';

const chunk = 25;
const firstSeeds = Array.from({ length: 8 }, (_, index) => 1 + index * chunk);
const struck = new Set<FaultPoint>();
/** Far more than it takes: other tests want the machine too. */
const limitMs = 300_000;

test.each(firstSeeds)(
  'no rule is broken in the worlds of 25 seeds, from %i on',
  async (firstSeed) => {
    const report = await campaign({ firstSeed, seeds: chunk, shapeOf: shortWorld });
    for (const point of report.struck.keys()) struck.add(point);
    const told = report.failures.map(({ seed, failure }) => `seed ${seed}: ${failure?.text}`);
    expect(told).toEqual([]);
  },
  limitMs,
);

test('every named place was struck in one of them', () => {
  expect(faultPointNames.length).toBeGreaterThan(45);
  expect(faultPointNames.filter((point) => !struck.has(point))).toEqual([]);
});

test.each(found)(
  'what seed $seed found stays mended: $was',
  async ({ seed, shape }) => {
    const { failure } = await simulate({ ...shape, seed });
    expect(failure).toBeUndefined();
  },
  limitMs,
);

/** By what each kind of breakage is noticed. */
const noticed: Readonly<Record<Sabotage, RegExp>> = {
  'fence-open': /epoch \d+ writes after epoch|another registry than is stored/,
  'term-endless': /^master-\d+ acts .* while/,
  'commit-unwritten': /the registry does not say so|another registry than is stored/,
  'update-unwritten': /died with a promised update/,
  'update-unsent': /not settled: /,
  'acknowledgement-invented': /took over an update of .* and never delivered it/,
  'launch-repeated': /runs twice/,
  'resources-unreturned': /to the master, .* to the allocator/,
  'offer-unsent': /not settled: the job of .* is not done/,
  'end-invented': /TASK_FINISHED is told of .*, and it ended BADLY/,
};

test.each(Object.keys(sabotages) as Sabotage[])(
  'a checker notices when the code is broken on purpose: %s',
  async (sabotage) => {
    const { failures } = await campaign({
      ...{ firstSeed: 1, seeds: 100, shapeOf: shortWorld, sabotage },
      onReport: ({ failure }) => failure !== undefined,
    });
    expect(failures[0]?.failure?.text).toMatch(noticed[sabotage]);
  },
  limitMs,
);
