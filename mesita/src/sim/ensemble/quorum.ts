import type { Timer } from '@mesita/sdk/base';
import type { Operation, OperationResult } from '../../zookeeper/records.ts';
import type { Timeline } from '../world/timeline.ts';
import { apply, createTree, type Entry, failure, type Tree } from './tree.ts';

interface Lease {
  readonly timeoutMs: number;
  timer: Timer;
}

/** What a majority of the servers has agreed upon: the truth, that each of them learns later. */
export interface Quorum {
  readonly tree: Tree;
  /** Everything that was ever decided, in order. */
  readonly log: readonly Entry[];
  readonly lastId: bigint;
  openSession(timeoutMs: number): bigint;
  isAlive(session: bigint): boolean;
  /** Its client was heard of. False when it is over. */
  touch(session: bigint): boolean;
  endSession(session: bigint): void;
  /** All of it or nothing; throws the `ZooKeeperError` of what can't be done. */
  propose(session: bigint, operations: readonly Operation[]): readonly OperationResult[];
  /** Whoever asks for it, and whether or not its session is over. */
  decide(session: bigint, operations: readonly Operation[]): readonly OperationResult[];
  /** No majority: nothing is decided, and nobody's time runs out; it begins anew afterwards. */
  pause(): void;
  resume(): void;
  readonly isPaused: boolean;
}

/** `decided` is called after each entry. */
export function createQuorum(timeline: Timeline, decided: (entry: Entry) => void): Quorum {
  const tree = createTree();
  const log: Entry[] = [];
  const leases = new Map<bigint, Lease>();
  let lastSession = 0n;
  let isPaused = false;

  function decide(session: bigint, operations: readonly Operation[]): readonly OperationResult[] {
    const entry: Entry = { id: BigInt(log.length + 1), session, operations };
    const { results } = apply(tree, entry);
    log.push(entry);
    decided(entry);
    return results;
  }

  function endSession(session: bigint): void {
    const lease = leases.get(session);
    if (!lease) return;
    lease.timer.cancel();
    leases.delete(session);
    const owned = [...tree].filter(([, { owner }]) => owner === session);
    if (owned.length > 0) {
      decide(
        session,
        owned.map(([path]) => ({ type: 'delete', path })),
      );
    }
  }

  function armed(session: bigint, timeoutMs: number): Timer {
    return timeline.setTimer(timeoutMs, () => {
      if (!isPaused) endSession(session);
    });
  }

  return {
    tree,
    log,
    get lastId() {
      return BigInt(log.length);
    },
    openSession(timeoutMs) {
      const session = ++lastSession;
      leases.set(session, { timeoutMs, timer: armed(session, timeoutMs) });
      return session;
    },
    isAlive: (session) => leases.has(session),
    touch(session) {
      const lease = leases.get(session);
      if (!lease) return false;
      lease.timer.cancel();
      lease.timer = armed(session, lease.timeoutMs);
      return true;
    },
    endSession,
    decide,
    propose(session, operations) {
      if (!leases.has(session)) throw failure('SESSION_EXPIRED', 'session');
      return decide(session, operations);
    },
    get isPaused() {
      return isPaused;
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      for (const [session, lease] of leases) {
        lease.timer.cancel();
        lease.timer = armed(session, lease.timeoutMs);
      }
    },
  };
}
