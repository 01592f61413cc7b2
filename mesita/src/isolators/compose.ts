import type { Isolator } from '@mesita/sdk/module';

/** Several isolators as one: in their order, and back again at the end. */
export function composeIsolators(parts: readonly Isolator[]): Isolator {
  const all = async (work: (part: Isolator) => Promise<void> | undefined): Promise<void> => {
    await Promise.all(parts.map(async (part) => work(part)));
  };
  return {
    supportsNesting: true,
    supportsStandalone: true,
    recover: (states, orphans) => all((part) => part.recover?.(states, orphans)),
    async prepare(id, config) {
      for (const part of parts) await part.prepare?.(id, config);
      return undefined;
    },
    isolate: (id, pid) => all((part) => part.isolate?.(id, pid)),
    watch: (id, signal) =>
      Promise.race(parts.map((part) => part.watch?.(id, signal) ?? new Promise<never>(() => {}))),
    update: (id, requests, limits) => all((part) => part.update?.(id, requests, limits)),
    async usage(id) {
      const usages = await Promise.all(parts.map(async (part) => part.usage?.(id)));
      return Object.assign({}, ...usages);
    },
    async status(id) {
      const statuses = await Promise.all(parts.map(async (part) => part.status?.(id)));
      return Object.assign({}, ...statuses);
    },
    async cleanup(id) {
      const ends = await Promise.allSettled(
        parts.toReversed().map(async (part) => part.cleanup?.(id)),
      );
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    },
  };
}
