import type { Operation } from '../../zookeeper/records.ts';
import type { Harm } from '../world/fault-points.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { registryPath } from './address.ts';
import { createCopy } from './copy.ts';
import type { Quorum } from './quorum.ts';
import { type Entry, failure, type Tree } from './tree.ts';

/** What a client may ask a server for. Answers come back through its `answer`. */
export type Question =
  | { readonly type: 'read'; readonly look: (tree: Tree) => unknown; readonly watch?: WatchOf }
  | { readonly type: 'write'; readonly operations: readonly Operation[] }
  | { readonly type: 'sync' }
  | { readonly type: 'ping' }
  | { readonly type: 'close' };

export interface WatchOf {
  readonly subject: 'node' | 'children';
  readonly path: string;
  readonly tell: () => void;
}

export type Answer =
  | { readonly ok: true; readonly value: unknown; readonly seen: bigint }
  | { readonly ok: false; readonly error: Error; readonly seen: bigint };

/** One connection of a client, as its server has it. */
export interface Attendance {
  ask(question: Question, answer: (answer: Answer) => void): void;
}

/** One of the servers: it learns what was decided a little later, and answers reads from that. */
export interface Server {
  readonly host: string;
  learn(entry: Entry): void;
  /** Undefined: go to another one. */
  attend(client: Client, lastSeen: bigint): Attendance | 'EXPIRED' | undefined;
}

interface ServerOptions {
  readonly world: SimulatedWorld;
  readonly quorum: Quorum;
  readonly host: string;
  readonly random: SeededRandom;
  /** Whether it belongs to the majority now. */
  readonly isMember: () => boolean;
}

export function createServer(options: ServerOptions): Server {
  const { world, quorum, host, random, isMember } = options;
  const { timeline, faults } = world;
  const copy = createCopy(quorum);
  let lastAt = 0;
  let isBehind = false;

  /** One that was cut off learns everything before it speaks again. */
  function isPresent(): boolean {
    const was = isBehind;
    isBehind = !isMember();
    if (was && !isBehind) copy.applyUpTo(quorum.lastId);
    return !isBehind;
  }

  /** Changes go to the majority, which may take its time. */
  function write(client: Client, operations: readonly Operation[], answer: Tell): void {
    const fate = faults.at(fateOf(operations), host);
    if (fate === 'lose-request') {
      client.hangUp();
      return;
    }
    if (fate === 'orphan') world.victims.get(client.host)?.kill('with a write under way');
    const delayMs = drawDelayMs(random, fate);
    timeline.setTimer(delayMs, () => {
      if (!isPresent()) {
        client.hangUp();
        return;
      }
      const made = attempt(() => propose(client.session, operations));
      if (fate === 'lose-answer') client.hangUp();
      else copy.after(quorum.lastId, () => answer({ ...made, seen: copy.applied }));
    });
  }

  /** As in etcd, nobody's session bounds when the registry is written: only its fence does. */
  function propose(session: bigint, operations: readonly Operation[]) {
    if (!isOfRegistry(operations)) return quorum.propose(session, operations);
    if (world.sabotage !== 'fence-open') return quorum.decide(session, operations);
    const open = operations.map((one) =>
      one.type === 'set' ? { ...one, version: undefined } : one,
    );
    return quorum.decide(session, open);
  }

  function serve(client: Client, question: Question, answer: Tell): void {
    const done = () => answer({ ok: true, value: undefined, seen: copy.applied });
    if (question.type === 'write') write(client, question.operations, answer);
    else if (question.type === 'sync') copy.after(quorum.lastId, done);
    else if (question.type === 'ping') done();
    else if (question.type === 'close') {
      quorum.endSession(client.session);
      done();
    } else {
      const { look, watch } = question;
      const found = attempt(() => look(copy.tree));
      if (found.ok && watch) copy.watch(client.session, watch);
      answer({ ...found, seen: copy.applied });
    }
  }

  return {
    host,
    learn({ id }) {
      const delayMs = random.chance(0.01) ? random.between(100, 3000) : random.between(0.1, 4);
      lastAt = Math.max(lastAt, timeline.now() + delayMs);
      timeline.setTimer(lastAt - timeline.now(), () => {
        if (isPresent()) copy.applyUpTo(id);
      });
    },
    attend(client, lastSeen) {
      const { session } = client;
      if (!isPresent() || copy.applied < lastSeen) return undefined;
      if (!quorum.touch(session)) return 'EXPIRED';
      copy.forgetWatches(session);
      return {
        ask(question, answer) {
          // One that is cut off from the others sends its clients away.
          if (!isPresent()) client.hangUp();
          else if (quorum.touch(session)) serve(client, question, answer);
          else {
            const error = failure('SESSION_EXPIRED', 'session');
            answer({ ok: false, error, seen: copy.applied });
          }
        },
      };
    },
  };
}

type Tell = (answer: Answer) => void;

interface Client {
  readonly host: string;
  readonly session: bigint;
  readonly hangUp: () => void;
}

function attempt<T>(act: () => T) {
  try {
    return { ok: true, value: act() } as const;
  } catch (error) {
    return { ok: false, error: error as Error } as const;
  }
}

/** A moment, or until its sender has long been replaced. */
function drawDelayMs(random: SeededRandom, fate: Harm | undefined): number {
  if (fate === 'orphan') return random.between(8000, 40_000);
  if (fate !== 'delay') return random.between(0.1, 2);
  return random.chance(0.5) ? random.between(500, 8000) : random.between(8000, 40_000);
}

/** Candidates come and go one at a time; the registry changes in transactions. */
function fateOf(operations: readonly Operation[]) {
  return isOfRegistry(operations) ? 'ensemble.registry.write' : 'ensemble.candidate.write';
}

function isOfRegistry(operations: readonly Operation[]): boolean {
  return operations.some(({ path }) => path.startsWith(registryPath));
}
