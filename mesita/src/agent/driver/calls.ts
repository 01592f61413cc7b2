import type { ContainerID, ContainerStatus } from '@mesita/sdk/types';
import type { Call } from '@mesita/sdk/types/executor';
import type { Containerizer } from '../../containerizer/containerizer.ts';
import type { AgentEvent, CallOrigin } from '../core/events.ts';

export interface CallGate {
  /** Hands an executor's call to the core. Calls of one executor keep their order. */
  pass(origin: CallOrigin, call: Call): void;
  /** Resolves when all calls that executor made so far were handed over. */
  drained(call: Pick<Call, 'frameworkId' | 'executorId'>): Promise<void>;
}

/**
 * An update may speak of a container inside the executor's: what is known of that one is added
 * here, for the core cannot wait.
 */
export function createCallGate(
  containerizer: Pick<Containerizer, 'status'>,
  post: (event: AgentEvent) => void,
): CallGate {
  const waiting = new Map<string, Promise<void>>();

  async function readStatus(id: ContainerID): Promise<ContainerStatus | undefined> {
    try {
      const status = await containerizer.status(id);
      // Before its process exists there is nothing to say of it.
      return status.executorPid === undefined ? undefined : status;
    } catch {
      // It is not there yet, or not any more.
      return undefined;
    }
  }

  return {
    pass(origin, call) {
      const key = keyOf(call);
      const inner = call.update?.status.containerStatus?.containerId;
      const before = waiting.get(key);
      if (!inner?.parent && !before) {
        post({ type: 'ExecutorCall', origin, call });
        return;
      }
      const next = Promise.resolve(before)
        .then(() => (inner?.parent ? readStatus(inner) : undefined))
        .then((status) => post({ type: 'ExecutorCall', origin, call, status }))
        .finally(() => {
          if (waiting.get(key) === next) waiting.delete(key);
        });
      waiting.set(key, next);
    },
    drained: (call) => waiting.get(keyOf(call)) ?? Promise.resolve(),
  };
}

function keyOf({ frameworkId, executorId }: Pick<Call, 'frameworkId' | 'executorId'>): string {
  return `${frameworkId.value}/${executorId.value}`;
}
