// A candidate runs on the live stream, without effect: how would it decide?
import type { Clock } from '@mesita/sdk/base';
import type { Allocator, Authorizer, KindName, QoSController } from '@mesita/sdk/module';
import type { Held } from '../held.ts';
import { shadowAllocator } from './allocator.ts';
import { shadowAuthorizer } from './authorizer.ts';
import { shadowQoSController } from './qos-controller.ts';
import { createTally, type Tally } from './tally.ts';

/** A candidate beside the one that acts. */
export interface Shadow {
  /** Name of the acting instance. */
  readonly of: string;
  readonly tally: Tally;
  stop(): void;
}

export interface ShadowParts<Instance> {
  readonly acting: Held;
  readonly candidate: Instance;
  readonly tally: Tally;
  readonly clock: Clock;
}

/** Of each kind: begins, and gives what ends it. Rejects when the candidate cannot begin. */
const shadows = {
  Allocator: async (parts: ShadowParts<unknown>) =>
    shadowAllocator(parts as ShadowParts<Allocator>),
  Authorizer: async (parts: ShadowParts<unknown>) =>
    shadowAuthorizer(parts as ShadowParts<Authorizer>),
  QoSController: (parts: ShadowParts<unknown>) =>
    shadowQoSController(parts as ShadowParts<QoSController>),
};

export function mayShadow(kind: KindName): kind is keyof typeof shadows {
  return Object.hasOwn(shadows, kind);
}

export async function startShadow(acting: Held, candidate: Held, clock: Clock): Promise<Shadow> {
  const { kind } = acting;
  if (!mayShadow(kind)) throw new Error(`A module of kind ${kind} has no shadows`);
  const tally = createTally(() => clock.now());
  const stop = await shadows[kind]({ acting, candidate: candidate.instance, tally, clock });
  return { of: acting.name, tally, stop };
}
