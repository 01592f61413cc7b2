import type { ContainerLimitation } from '@mesita/sdk/types/containerizer';

/** Of one container: those who wait for it to break a limit, and what tells them. */
export interface Breach {
  tell(limitation: ContainerLimitation): void;
  /** Resolves with the first limitation told; rejects when nobody waits any more. */
  watch(signal: AbortSignal): Promise<ContainerLimitation>;
}

export function createBreach(): Breach {
  const waiting = new Set<(limitation: ContainerLimitation) => void>();
  return {
    tell(limitation) {
      for (const resolve of waiting) resolve(limitation);
    },
    watch: (signal) =>
      new Promise((resolve, reject) => {
        waiting.add(resolve);
        const stop = (): void => {
          waiting.delete(resolve);
          reject(signal.reason);
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
  };
}
