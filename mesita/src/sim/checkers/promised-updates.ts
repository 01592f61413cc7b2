import type { Fail } from './checks.ts';

interface Undertaking {
  readonly agent: string;
  readonly taskId: string;
}

/** What an agent has written down and told the executor so, it must deliver. */
interface PromisedUpdates {
  written(uuid: string): void;
  told(agent: string, taskId: string, uuid: string): void;
  delivered(uuid: string): void;
  agentDied(agent: string, survived: ReadonlySet<string>): void;
  complete(): void;
}

export function createPromisedUpdates(fail: Fail): PromisedUpdates {
  const written = new Set<string>();
  const promised = new Map<string, Undertaking>();
  const delivered = new Set<string>();
  return {
    written: (uuid) => void written.add(uuid),
    told(agent, taskId, uuid) {
      if (written.has(uuid) && !delivered.has(uuid)) promised.set(uuid, { agent, taskId });
    },
    delivered(uuid) {
      promised.delete(uuid);
      delivered.add(uuid);
    },
    agentDied(agent, survived) {
      for (const [uuid, { agent: by, taskId }] of promised) {
        if (by !== agent || survived.has(uuid)) continue;
        promised.delete(uuid);
        fail(`${agent} died with a promised update of ${taskId} not on its disk`, [taskId]);
      }
    },
    complete() {
      for (const { agent, taskId } of promised.values()) {
        fail(`${agent} took over an update of ${taskId} and never delivered it`, [taskId]);
      }
    },
  };
}
