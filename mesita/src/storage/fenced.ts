import { createFence, type Pause } from './fence.ts';
import { createGroupCommit } from './group-commit.ts';
import { journalOf, nodesOf, readRecords } from './node-records.ts';
import type { Commit, Storage } from './storage.ts';
import type { Transactions } from './transactions.ts';

type Changes = Commit['changes'];

interface FencedOptions {
  /** For messages: `the registry at '/mesos/registry' of ZooKeeper`. */
  readonly where: string;
  readonly retryMs?: number;
  /** Absent: in real time. */
  readonly pause?: Pause | undefined;
}

/** A commit under way may be waited for this long at the end; its caller has left. */
const CLOSING_MS = 2000;

/**
 * A store on a server that several masters write to. The first commit of a leader raises the fence:
 * from then on no transaction of an earlier one is made.
 */
export function createFencedStorage(server: Transactions, options: FencedOptions): Storage {
  const { where, retryMs = 200, pause } = options;
  const { limits } = server;
  const fence = createFence(server, where, retryMs, pause);
  /** Of records in several nodes; known once everything was read under our own fence. */
  let parts: Map<string, number> | undefined;

  async function write({ epoch, changes }: Commit): Promise<void> {
    if (fence.epoch !== epoch) {
      parts = undefined;
      await fence.claim(epoch);
    }
    if (changes.size === 0) return;
    parts ??= await takeOver();
    const nodes = nodesOf(changes, parts, limits.value);
    if (piecesOf(nodes, limits).length <= 1) return fence.transact(nodes);
    const journal = journalOf(changes, limits.value);
    await transactInPieces(journal.before);
    await fence.transact(journal.decision);
    await transactInPieces(nodes);
    await transactInPieces(journal.after);
  }

  /** What the leader before left half done is done first. */
  async function takeOver(): Promise<Map<string, number>> {
    const left = readRecords(await fence.retry(server.readNodes), where);
    if (left.journal) {
      await transactInPieces(nodesOf(left.journal, left.parts, limits.value));
      await transactInPieces(journalOf(left.journal, limits.value).after);
    }
    return left.parts;
  }

  async function transactInPieces(changes: Changes): Promise<void> {
    for (const piece of piecesOf(changes, limits)) await fence.transact(piece);
  }

  const group = createGroupCommit(write, limits);
  return {
    commit: group.commit,
    async load() {
      const epoch = await fence.read();
      const { records } = readRecords(await fence.retry(server.readNodes), where);
      return { epoch, records };
    },
    async close() {
      const limit = setTimeout(fence.stop, CLOSING_MS);
      await group.close();
      clearTimeout(limit);
      fence.stop();
      await server.close();
    },
  };
}

/** In order, each for one transaction. */
function piecesOf(changes: Changes, limits: Transactions['limits']): Changes[] {
  const pieces: Changes[] = [];
  let piece = new Map<string, Uint8Array | undefined>();
  let bytes = 0;
  for (const [name, value] of changes) {
    const size = name.length + (value?.length ?? 0);
    if (piece.size > 0 && (piece.size >= limits.changes || bytes + size > limits.bytes)) {
      pieces.push(piece);
      piece = new Map();
      bytes = 0;
    }
    piece.set(name, value);
    bytes += size;
  }
  if (piece.size > 0) pieces.push(piece);
  return pieces;
}
