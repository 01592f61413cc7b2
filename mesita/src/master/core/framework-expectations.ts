// When a framework counts as gone that a failover of the master has separated from us.
import type { FrameworkId, Instant } from '@mesita/sdk/base';
import type { Framework } from './framework.ts';
import { type Turn, toTimeInfo } from './turn.ts';

const then = { type: 'FrameworkNoted' } as const;

/** It went away. Without a failover timeout it is gone before anybody could ask the registry. */
export function expectReturn(turn: Turn, { id }: Framework, timeoutMs: number): void {
  if (timeoutMs === 0) return;
  const until = turn.now + timeoutMs;
  turn.state.frameworks.expected.set(id, until);
  const operation = {
    type: 'ExpectFramework',
    id: { value: id },
    until: toTimeInfo(until),
  } as const;
  turn.emit({ type: 'persist', operation, then });
}

/** It is back, or gone for good. */
export function expectNoReturn(turn: Turn, id: FrameworkId): void {
  if (!turn.state.frameworks.expected.delete(id)) return;
  turn.emit({ type: 'persist', operation: { type: 'ForgetFramework', id: { value: id } }, then });
}

/**
 * For a framework that this master knows from agents only. Its time goes on where it was away
 * before; nobody could come back while there was no master, so there is always some time left.
 */
export function returnDeadline(turn: Turn, framework: Framework, timeoutMs: number): Instant {
  const { agentReregisterTimeoutMs } = turn.config;
  const until = turn.state.frameworks.expected.get(framework.id) ?? turn.now + timeoutMs;
  return Math.max(until, turn.now + agentReregisterTimeoutMs);
}

/** Those of whom no agent has told: nothing of theirs is left to end. */
export function forgetLostFrameworks(turn: Turn): void {
  const { expected, registered } = turn.state.frameworks;
  for (const [id, until] of [...expected]) {
    const isOver = turn.now > until + turn.config.agentReregisterTimeoutMs;
    if (isOver && !registered.has(id)) expectNoReturn(turn, id);
  }
}
