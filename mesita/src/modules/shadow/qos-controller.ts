import type { QoSController } from '@mesita/sdk/module';
import type { QoSCorrection } from '@mesita/sdk/types/containerizer';
import { createMatcher } from './matcher.ts';
import type { ShadowParts } from './shadow.ts';

/** Both watch the same use; one may see it a little later. */
const WINDOW_MS = 10_000;
/** A candidate that answers at once, again and again, is not asked more often. */
const PAUSE_MS = 1_000;

/** Whom it is about: what else is said may differ. */
function describe({ type, kill }: QoSCorrection): string {
  return `${type} ${kill?.executorId?.value} of ${kill?.frameworkId?.value}`;
}

/** What one wants killed, the other shall want killed too. */
export async function shadowQoSController({
  acting,
  candidate,
  tally,
  clock,
}: ShadowParts<QoSController>): Promise<() => void> {
  const matcher = createMatcher<QoSCorrection>({
    ...{ windowMs: WINDOW_MS, clock, equal: tally.same },
    alone({ by, key, value }) {
      tally.differ({
        subject: key,
        acting: by === 'acting' ? value : null,
        candidate: by === 'candidate' ? value : null,
      });
    },
  });
  const said = (by: 'acting' | 'candidate') => (corrections: unknown) => {
    for (const one of corrections as readonly QoSCorrection[]) {
      matcher.say(by, describe(one), one);
    }
  };

  for (const [method, args] of acting.memory.replay()) {
    if (method === 'initialize') await candidate.initialize(args[0] as never);
  }
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      await candidate.corrections().then(said('candidate'), () => undefined);
      await new Promise<void>((resolve) => void clock.setTimer(PAUSE_MS, resolve));
    }
  };
  void watch();
  const removeListener = acting.addListener((method, corrections) => {
    if (method === 'corrections') said('acting')(corrections);
  });
  return () => {
    isOver = true;
    matcher.stop();
    removeListener();
  };
}
