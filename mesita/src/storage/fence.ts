import { setTimeout as sleep } from 'node:timers/promises';
import { type Commit, StorageError, staleEpoch } from './storage.ts';
import type { NodeVersion, Transactions } from './transactions.ts';

type Changes = Commit['changes'];

/** Who wrote last, and how often. Every transaction writes it, and is told by it from others. */
interface FenceValue {
  readonly epoch: number;
  readonly serial: number;
}

interface Held {
  readonly value: FenceValue;
  readonly version: NodeVersion;
}

/** One leader's right to write. Everything waits for a server that is away, until `stop`. */
interface Fence {
  /** The epoch that this one claimed. */
  readonly epoch: number | undefined;
  /** The epoch that wrote last, whosever it is. */
  read(): Promise<number>;
  /** From here on no transaction of an older epoch is made. Rejects when a newer one has claimed. */
  claim(epoch: number): Promise<void>;
  transact(changes: Changes): Promise<void>;
  /** Again and again, while the server is away. */
  retry<T>(attempt: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Resolves after `ms`, or when the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const pauseReally: Pause = (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined);

const FORMAT = 1;

/**
 * A transaction whose answer was lost is made again. It expects the fence as it was, so only one of
 * the two is made; the fence tells whether it was.
 */
export function createFence(
  server: Transactions,
  where: string,
  retryMs: number,
  pause: Pause = pauseReally,
): Fence {
  const stopping = new AbortController();
  let held: Held | undefined;

  async function read(): Promise<Held> {
    const node = await server.readFence();
    if (!node) return { value: { epoch: 0, serial: 0 }, version: undefined };
    return { value: decodeFence(node.value, where), version: node.version };
  }

  async function transact(changes: Changes): Promise<void> {
    const { value, version: expected } = held!;
    const next: FenceValue = { epoch: value.epoch, serial: value.serial + 1 };
    const made = await retry(() =>
      server.transact({ expected, fence: encodeFence(next), changes }),
    );
    if (made !== 'conflict') {
      held = { value: next, version: made.version };
      return;
    }
    const now = await retry(read);
    const isOurs = now.value.epoch === next.epoch && now.value.serial === next.serial;
    if (!isOurs) throw staleEpoch(next.epoch, now.value.epoch);
    held = now;
  }

  async function retry<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const isAway = error instanceof StorageError && error.code === 'unavailable';
        if (!isAway || stopping.signal.aborted) throw error;
        await pause(retryMs, stopping.signal);
      }
    }
  }

  return {
    get epoch() {
      return held?.value.epoch;
    },
    read: async () => (await retry(read)).value.epoch,
    async claim(epoch) {
      for (;;) {
        const before = await retry(read);
        if (before.value.epoch > epoch) throw staleEpoch(epoch, before.value.epoch);
        held = { ...before, value: { epoch, serial: before.value.serial } };
        try {
          return await transact(new Map());
        } catch (error) {
          // An older leader, still at work, has just written: it loses the next time.
          if (!(error instanceof StorageError) || error.code !== 'stale-epoch') throw error;
        }
      }
    },
    transact,
    retry,
    stop: () => stopping.abort(),
  };
}

function encodeFence(value: FenceValue): Uint8Array {
  return Buffer.from(JSON.stringify({ registry: FORMAT, ...value }));
}

function decodeFence(bytes: Uint8Array, where: string): FenceValue {
  let value: Partial<FenceValue & { registry: number }> | null;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    value = null;
  }
  const { registry, epoch, serial } = value ?? {};
  if (!Number.isSafeInteger(registry)) {
    throw new StorageError('foreign', `${where} holds something else than a registry`);
  }
  if (registry! > FORMAT) {
    const text = `${where} was written by a newer version, in format ${registry}; this version knows ${FORMAT}`;
    throw new StorageError('newer-format', text);
  }
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(serial)) {
    throw new StorageError('damaged', `${where} is damaged: its fence cannot be read`);
  }
  return { epoch: epoch!, serial: serial! };
}
