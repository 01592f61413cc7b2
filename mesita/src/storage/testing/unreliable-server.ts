import { type Storage, StorageError } from '../storage.ts';
import type { Transactions } from '../transactions.ts';

/** A server's memory: several connections may share it. */
export interface ServerMemory {
  fence: { readonly value: Uint8Array; readonly version: number } | undefined;
  readonly nodes: Map<string, Uint8Array>;
}

interface Weather {
  /** Whether this request is lost on its way there, or its answer on the way back. */
  readonly fate?: () => 'fine' | 'request-lost' | 'answer-lost';
  /** Called before each transaction: to stop here, throw. */
  readonly onTransaction?: () => void;
  readonly limits?: Transactions['limits'];
}

const narrow: Transactions['limits'] = { changes: 10, bytes: 4000, value: 1000 };

/** Transactions, some of whose messages are lost. */
export function connectUnreliably(
  memory: ServerMemory,
  { fate = () => 'fine', onTransaction, limits = narrow }: Weather = {},
): Transactions {
  async function request<T>(perform: () => T): Promise<T> {
    await Promise.resolve();
    const happens = fate();
    if (happens === 'request-lost') throw new StorageError('unavailable', 'request lost');
    const answer = perform();
    if (happens === 'answer-lost') throw new StorageError('unavailable', 'answer lost');
    return answer;
  }
  return {
    limits,
    readFence: () => request(() => memory.fence),
    readNodes: () => request(() => new Map(memory.nodes)),
    transact({ expected, fence, changes }) {
      onTransaction?.();
      return request(() => {
        if (memory.fence?.version !== expected) return 'conflict';
        const bytes = [...changes].map(([name, value]) => name.length + (value?.length ?? 0));
        if (changes.size > limits.changes || sum(bytes) > limits.bytes)
          throw new Error('too large');
        for (const [name, value] of changes) {
          if (value && value.length > limits.value) throw new Error('value too large');
          if (value) memory.nodes.set(name, value);
          else memory.nodes.delete(name);
        }
        const version = (memory.fence?.version ?? 0) + 1;
        memory.fence = { value: fence, version };
        return { version };
      });
    },
    close: async () => undefined,
  };
}

export async function contentsOf(storage: Storage): Promise<Record<string, string>> {
  const { records } = await storage.load();
  return Object.fromEntries(
    [...records].map(([key, value]) => [key, Buffer.from(value).toString()]),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
