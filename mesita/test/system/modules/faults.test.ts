// Every home, and modules that misbehave in every way: the caller lives, its call ends in time,
// the failure is counted, and the home comes back.
import { afterAll, describe, expect, test } from 'vitest';
import type { Home } from '../../../src/modules/manifest.ts';
import { waitFor } from '../../harness/wait.ts';
import { callsByKind, misbehavingModule, misbehavingProgram } from './misdeeds.ts';
import { createHomesScene } from './scene.ts';

const scene = createHomesScene();
afterAll(scene.end);

const DEADLINE_MS = 1_000;
/** The machine may be busy; a call that hangs would take for ever. */
const SLACK_MS = 20_000;

/** What each misdeed counts as, beside `failures`. */
const answers = {
  throws: 'failures',
  rejects: 'failures',
  'answers nonsense': 'nonsense',
} as const;
const silence = { hangs: 'timeouts' } as const;
const harm = {
  'is busy for ever': 'restarts',
  exits: 'restarts',
  crashes: 'restarts',
  leaks: 'restarts',
  'calls without end': 'restarts',
  'prints without end': 'timeouts',
} as const;

const misdeeds: Readonly<Record<Home, Readonly<Record<string, string>>>> = {
  daemon: { ...answers, 'throws nothing': 'failures', ...silence },
  worker: { ...answers, 'answers a function': 'failures', ...silence, ...harm },
  process: { ...answers, 'answers a function': 'failures', ...silence, ...harm },
  program: {
    ...answers,
    hangs: 'restarts',
    ...harm,
    'says nonsense without end': 'nonsense',
    'writes a line without end': 'restarts',
  },
};

const homes = Object.keys(misdeeds) as Home[];
const kinds = Object.keys(callsByKind) as (keyof typeof callsByKind)[];

describe.each(homes)('in home %s', (home) => {
  test.concurrent.each(kinds)('what %s does is felt by its own call only', async (kind) => {
    const { call, good } = callsByKind[kind];
    const text = home === 'program' ? misbehavingProgram(kind) : misbehavingModule(kind);
    const housed = await scene.house(kind, home, text, {
      limits: { deadlineMs: DEADLINE_MS, memoryBytes: 64 << 20 },
      onFailure: 'fail',
    });
    const metric = (name: string) => housed.metrics().get(name) ?? 0;
    const isWell = async () => {
      try {
        expect(await call(housed.instance, 'nothing bad')).toEqual(good);
        return true;
      } catch {
        return false;
      }
    };
    for (const [misdeed, counter] of Object.entries(misdeeds[home])) {
      await waitFor(`${kind} in ${home} is well before it ${misdeed}`, isWell);
      const before = { failures: metric('failures'), counted: metric(counter) };
      const began = performance.now();
      const outcome = await Promise.resolve()
        .then((): unknown => call(housed.instance, misdeed))
        .then(
          () => 'answered',
          () => 'failed',
        );
      expect([misdeed, outcome]).toEqual([misdeed, 'failed']);
      expect(performance.now() - began).toBeLessThan(DEADLINE_MS + SLACK_MS);
      expect(metric('failures')).toBeGreaterThan(before.failures);
      await waitFor(`${misdeed} counts as ${counter}`, () => metric(counter) > before.counted);
    }
    await waitFor(`${kind} in ${home} is well in the end`, isWell);
  });
});
