import type { Fail } from './checks.ts';

/** One task's updates as its agent sends them. */
interface Sent {
  inFlight: string | undefined;
  readonly acknowledged: Set<string>;
  lastOrder: number;
}

/** What one agent after another says on one machine: one update at a time, until acknowledged. */
interface SentUpdates {
  sends(agent: string, task: string, uuid: string, order: number | undefined): void;
  isAcknowledged(agent: string, task: string, uuid: string): void;
  /** From here on only what the disk kept binds the agent. */
  forget(agent: string): void;
  /** The disk remembers this acknowledgement. */
  restore(agent: string, task: string, acknowledged: readonly string[]): void;
}

/** Tasks are named `framework/task`. */
export function createSentUpdates(fail: Fail): SentUpdates {
  const byAgent = new Map<string, Map<string, Sent>>();

  function sentOf(agent: string, task: string): Sent {
    const streams = byAgent.get(agent) ?? new Map<string, Sent>();
    byAgent.set(agent, streams);
    const known = streams.get(task);
    if (known) return known;
    const made: Sent = { inFlight: undefined, acknowledged: new Set(), lastOrder: -1 };
    streams.set(task, made);
    return made;
  }

  return {
    sends(agent, task, uuid, order) {
      const sent = sentOf(agent, task);
      const taskId = task.slice(task.indexOf('/') + 1);
      const complain = (what: string) =>
        fail(`${agent} sends update ${uuid} of ${taskId} ${what}`, [taskId]);
      if (sent.acknowledged.has(uuid)) complain('after its acknowledgement');
      if (sent.inFlight !== undefined && sent.inFlight !== uuid) {
        complain(`before ${sent.inFlight} is acknowledged`);
      }
      if (order !== undefined && order < sent.lastOrder) complain('out of order');
      sent.lastOrder = order ?? sent.lastOrder;
      sent.inFlight = uuid;
    },
    isAcknowledged(agent, task, uuid) {
      const sent = sentOf(agent, task);
      if (sent.inFlight !== uuid) return;
      sent.acknowledged.add(uuid);
      sent.inFlight = undefined;
    },
    forget: (agent) => void byAgent.delete(agent),
    restore(agent, task, acknowledged) {
      const sent = sentOf(agent, task);
      for (const uuid of acknowledged) sent.acknowledged.add(uuid);
    },
  };
}
