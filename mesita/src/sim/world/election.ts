import type { Clock } from '@mesita/sdk/base';
import type { Master } from '../../agent/core/state.ts';
import type { SeededRandom } from './random.ts';

/** Who leads, as those who watch a coordinator see it: each a little later than it is so. */
export interface Election {
  readonly leader: Master | undefined;
  elect(leader: Master | undefined): void;
  /** Calls back once, when the leader is another than `previous`. */
  detect(
    life: Clock,
    previous: Master | undefined,
    tell: (leader: Master | undefined) => void,
  ): void;
}

export function createElection(random: SeededRandom): Election {
  let leader: Master | undefined;
  let waiting = new Set<() => void>();
  return {
    get leader() {
      return leader;
    },
    elect(elected) {
      leader = elected;
      const told = waiting;
      waiting = new Set();
      for (const wake of told) wake();
    },
    detect(life, previous, tell) {
      const look = (): void => {
        if (leader === previous) waiting.add(() => life.setTimer(random.between(1, 3000), look));
        else tell(leader);
      };
      life.setTimer(random.between(0, 20), look);
    },
  };
}
