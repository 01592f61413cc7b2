import type { Registrar } from '../../master/registrar.ts';
import { type FaultPoint, pointNamed } from '../world/fault-points.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { Seat } from './seat.ts';

interface Guard {
  readonly registrar: Registrar;
  readonly world: SimulatedWorld;
  readonly name: string;
  readonly seat: Seat;
  readonly pass: (point: FaultPoint | undefined) => void;
}

interface GuardedRegistrar extends Registrar {
  /** Undefined until it has read the registry. */
  readonly epoch: number | undefined;
  /** An agent is about to hear that it is admitted. */
  checkAdmitted(agentId: string): void;
}

/** Between the registrar and whoever uses it, faults may strike and checkers look. */
export function guardRegistrar({ registrar, world, name, seat, pass }: Guard): GuardedRegistrar {
  let epoch: number | undefined;
  let isRead = false;
  const check = () => {
    if (registrar.queued > 0) return;
    world.checks.registry.acknowledged(name, registrar.registry, seat.stored(epoch));
  };
  return {
    ...registrar,
    get epoch() {
      return isRead ? (epoch ?? 0) : undefined;
    },
    checkAdmitted: (id) => world.checks.registry.admitted(name, id, seat.stored(epoch)),
    get queued() {
      return registrar.queued;
    },
    get registry() {
      return registrar.registry;
    },
    async recover(info, given) {
      epoch = given;
      pass('registry.recover.before');
      const recovered = await registrar.recover(info, given);
      isRead = true;
      world.counts.terms++;
      check();
      pass('registry.recover.read');
      return recovered;
    },
    async apply(operation) {
      pass('registry.commit.before');
      const written = registrar.apply(operation);
      const mutated = world.sabotage === 'commit-unwritten' || (await written);
      check();
      pass('registry.commit.durable');
      pass(pointNamed(`registry.${operation.type}.durable`));
      return mutated;
    },
  };
}
