import type { Clock } from '@mesita/sdk/base';
import type { ContainerID } from '@mesita/sdk/types';
import { containerKey } from './paths.ts';

export interface PendingOperation {
  /** `<isolator>::<method>`. */
  readonly operation: string;
  readonly args: Readonly<Record<string, string>>;
  readonly startedMs: number;
}

/** Knows what isolators are busy with: who asks why a launch hangs finds it here. */
export interface OperationTracker {
  track<T>(operation: string, id: ContainerID | undefined, work: () => Promise<T>): Promise<T>;
  pending(): PendingOperation[];
}

export function createOperationTracker(clock: Clock): OperationTracker {
  const operations = new Set<PendingOperation>();
  return {
    async track(operation, id, work) {
      const args = id ? { containerId: containerKey(id) } : {};
      const entry = { operation, args, startedMs: clock.now() };
      operations.add(entry);
      try {
        return await work();
      } finally {
        operations.delete(entry);
      }
    },
    pending: () => [...operations],
  };
}
