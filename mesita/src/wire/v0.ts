// Where v0 and v1 differ by more than a word. Everything else has equal field numbers, so the
// tables of v1 read both.
import type { AgentInfo } from '@mesita/sdk/types/mesos';
import type * as v1 from '@mesita/sdk/types/scheduler';
import { type MessageSchema, message } from './descriptor.ts';
import { decode, encode } from './protobuf.ts';
import type * as v0 from './types/v0-scheduler.ts';

/** A driver's call as the v1 API would have got it. `force` of a subscription has no use any more. */
export function fromV0Call(call: v0.Call): v1.Call {
  const { subscribe, ...rest } = call;
  if (!subscribe) return rest;
  const { force: _, ...same } = subscribe;
  return { ...rest, subscribe: same };
}

/** Offer constraints are always there, empty if need be: so Mesos' own driver sends them. */
export function toV0Call(call: v1.Call): v0.Call {
  const { subscribe, ...rest } = call;
  if (!subscribe) return rest;
  return {
    ...rest,
    subscribe: { ...subscribe, offerConstraints: subscribe.offerConstraints ?? {} },
  };
}

interface Checkpoint {
  readonly checkpoint?: boolean;
  readonly $unknown?: Uint8Array;
}

const Checkpoint: MessageSchema<Checkpoint> = message('mesos.SlaveInfo', () => [
  [7, 'checkpoint', 'optional', 'bool'],
]);

/**
 * For an AgentInfo in an internal message: SlaveInfo has a field `checkpoint`, which v1 lacks and
 * Mesos always sets. An unset one would make a C++ peer hold the agent for one without.
 */
export function withCheckpoint(agent: AgentInfo): AgentInfo {
  const others = decode(Checkpoint, agent.$unknown ?? new Uint8Array());
  return { ...agent, $unknown: encode(Checkpoint, { ...others, checkpoint: true }) };
}
