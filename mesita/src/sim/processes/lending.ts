import { err, ok } from '@mesita/sdk/base';
import { isRevocable } from '@mesita/sdk/resources';
import type { AgentEvent } from '../../agent/core/events.ts';
import type { Life } from '../world/life.ts';
import type { Container, Machine } from '../world/machine.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { AgentPerformers } from './agent.ts';

interface Tools {
  readonly world: SimulatedWorld;
  readonly machine: Machine;
  readonly random: SeededRandom;
  readonly clock: Life;
  readonly post: (event: AgentEvent) => void;
}

const lendable = [0, 0.5, 1, 2] as const;
/** How often it happens. */
const chances = { fails: 0.05, stale: 0.1 };
const meanMsBetweenCorrections = 60_000;

/** An estimator that changes its mind, and a controller that picks its victims blindly. */
export function createLendingPerformers({ world, machine, random, clock, post }: Tools) {
  function correct(): void {
    const borrowers = [...machine.containers.values()].filter(
      ({ config, termination }) => !termination && config.resources?.some(isRevocable),
    );
    const isCalm = world.weather !== 'STORMY' || borrowers.length === 0;
    const corrections = isCalm ? [] : [kill(random.pick(borrowers), random.chance(chances.stale))];
    post({ type: 'CorrectionsMade', result: ok(corrections) });
  }

  return {
    estimateOversubscribable: () => {
      const cpus = { name: 'cpus', type: 'SCALAR', revocable: {} } as const;
      const value = random.pick(lendable);
      const amounts = value === 0 ? [] : [{ ...cpus, scalar: { value } }];
      const result = random.chance(chances.fails) ? err('no estimate now') : ok(amounts);
      clock.setTimer(random.between(1, 500), () =>
        post({ type: 'OversubscribableEstimated', result }),
      );
    },
    awaitCorrections: () => {
      clock.setTimer(random.exponential(meanMsBetweenCorrections), correct);
    },
  } satisfies Partial<AgentPerformers>;
}

/** Stale: it means another run of the executor. */
function kill({ id, config: { executorInfo } }: Container, isStale: boolean) {
  const { frameworkId, executorId } = executorInfo ?? {};
  const containerId = { value: isStale ? 'of an earlier run' : id };
  return { type: 'KILL' as const, kill: { frameworkId, executorId, containerId } };
}
