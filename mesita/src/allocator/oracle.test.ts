import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Replay } from './testing/replay.ts';
import type { Outcome, Scenario } from './testing/scenario.ts';

const testdata = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url));
const parse = (text: string): Scenario[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const rules = parse(testdata('rules.jsonl').toString());
const scenarios = parse(gunzipSync(testdata('scenarios.jsonl.gz')).toString());

/**
 * Where we differ on purpose.
 * - Where Mesos aborts, ours logs an error and goes on; see the last tests.
 * - Error texts list the objects of `available` in no particular order; Mesos' order follows from
 *   how its vector moves elements about.
 * - Shares are compared to five digits: printing rounds halves differently here and there.
 */
function normalized(outcome: Outcome): Outcome {
  const { error, metrics, ...rest } = outcome;
  const [available, missing] = error?.split(' does not contain ') ?? [];
  return {
    ...rest,
    ...(error !== undefined && {
      error:
        missing === undefined
          ? error
          : `${available?.split('; ').sort().join('; ')} does not contain ${missing}`,
    }),
    ...(metrics && {
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([name, value]) => [
          name,
          name.includes('/shares/') ? expect.closeTo(value, 5) : value,
        ]),
      ),
    }),
  };
}

function play({ options, steps, expect: outcomes }: Scenario): Replay {
  const replay = new Replay(options);
  for (const [index, outcome] of outcomes.entries()) {
    const step = steps[index] as Scenario['steps'][number];
    const { metrics, ...ours } = replay.play(step);
    const theirs = normalized(outcome);
    expect({ index, step, ...normalized(ours as Outcome), metrics }).toEqual({
      index,
      step,
      ...theirs,
      metrics: theirs.metrics,
    });
  }
  return replay;
}

describe('rules pinned on the real allocator', () => {
  it.each(rules.filter(({ aborts_at_step }) => aborts_at_step === undefined))(
    '$name',
    (rule) => void play(rule),
  );
});

describe('random scenarios decided by the real allocator', () => {
  it.each(scenarios)('$name', (scenario) => void play(scenario));
});

describe('where the real allocator aborts, ours lives', () => {
  it.each(rules.filter(({ aborts_at_step }) => aborts_at_step !== undefined))('$name', (rule) => {
    const replay = play(rule);
    const fatal = rule.steps[rule.aborts_at_step ?? 0] as Scenario['steps'][number];
    replay.play(fatal);
    const later = replay.play({ op: 'advance', seconds: 2 });
    expect({ errors: replay.errors, later }).toMatchSnapshot();
  });
});
