import type { Instant, LogFields, Logger, Pid } from '@mesita/sdk/base';
import type { TimeInfo } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import type { MasterConfig } from './config.ts';
import type { AllocatorArguments, AllocatorCall, MasterEffect } from './effects.ts';
import type { PeerMessage, PeerMessageBody, PeerMessageName } from './messages.ts';
import type { MasterState } from './state.ts';

/** One step of the core: what a handler may read and change, and what it asks for. */
export interface Turn {
  readonly state: MasterState;
  readonly config: MasterConfig;
  readonly now: Instant;
  emit(effect: MasterEffect): void;
}

export function send<Name extends PeerMessageName>(
  turn: Turn,
  to: Agent | Pid,
  name: Name,
  body: PeerMessageBody<Name>,
  from = 'master',
): void {
  const message = { name, body } as PeerMessage;
  turn.emit({ type: 'send', to: typeof to === 'string' ? to : to.pid, from, message });
}

export function allocate<Method extends AllocatorCall['method']>(
  turn: Turn,
  method: Method,
  ...args: AllocatorArguments<Method>
): void {
  turn.emit({ type: 'allocator', call: { method, arguments: args } as unknown as AllocatorCall });
}

export function log(turn: Turn, level: keyof Logger, text: string, fields?: LogFields): void {
  turn.emit({ type: 'log', level, text, fields });
}

export function timeInfo(turn: Turn): TimeInfo {
  return toTimeInfo(turn.now);
}

/** As far as 64 bits of nanoseconds reach. */
const latest: Instant = 9e12;

export function toTimeInfo(instant: Instant): TimeInfo {
  return { nanoseconds: BigInt(Math.round(Math.min(instant, latest) * 1000)) * 1000n };
}

export function toInstant({ nanoseconds }: TimeInfo): Instant {
  return Number(nanoseconds / 1_000_000n);
}
