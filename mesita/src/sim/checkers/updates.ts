import type { TaskStatus } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { AgentEffect, CheckpointRecord } from '../../agent/core/effects.ts';
import type { AgentEvent } from '../../agent/core/events.ts';
import type { RecoveredAgent } from '../../agent/core/recovered.ts';
import type { AgentState } from '../../agent/core/state.ts';
import { isTerminal } from '../../agent/core/task.ts';
import { uuidText } from '../../agent/core/uuid.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { Fail } from './checks.ts';

/** Status updates from executors through agents to frameworks: in order, until acknowledged. */
export interface UpdateChecks {
  executorSays(call: api.Call): void;
  /** The agent sends an event to an executor: it takes responsibility for what it acknowledges. */
  executorTold(agent: string, frameworkId: string, event: api.Event): void;
  agentStepped(
    agent: string,
    state: AgentState,
    event: AgentEvent,
    effects: readonly AgentEffect[],
  ): void;
  /** `left` is what its disk kept. */
  agentDied(agent: string, left: RecoveredAgent | undefined): void;
  heard(frameworkId: string, status: TaskStatus): void;
  /** At the end, when all is quiet: nothing that an agent took over may be missing. */
  complete(): void;
}

/** One task's updates as its agent sends them. */
interface Sent {
  inFlight: string | undefined;
  readonly acknowledged: Set<string>;
  lastOrder: number;
}

interface Heard {
  readonly uuids: Set<string>;
  lastOrder: number;
  end: string | undefined;
}

interface Undertaking {
  readonly agent: string;
  readonly frameworkId: string;
  readonly taskId: string;
}

export function createUpdateChecks(
  fail: Fail,
  counts: () => SimulatedWorld['counts'],
): UpdateChecks {
  /** The order in which executors made their updates. */
  const spoken = new Map<string, number>();
  /** Updates that an agent has promised an executor to deliver. */
  const promised = new Map<string, Undertaking>();
  const kept = new Set<string>();
  const delivered = new Set<string>();
  const sentBy = new Map<string, Map<string, Sent>>();
  const heardOf = new Map<string, Heard>();

  function sentOf(agent: string, key: string): Sent {
    const streams = sentBy.get(agent) ?? new Map<string, Sent>();
    sentBy.set(agent, streams);
    const known = streams.get(key);
    if (known) return known;
    const made: Sent = { inFlight: undefined, acknowledged: new Set(), lastOrder: -1 };
    streams.set(key, made);
    return made;
  }

  function sends(agent: string, frameworkId: string, taskId: string, uuid: string): void {
    const sent = sentOf(agent, `${frameworkId}/${taskId}`);
    const complain = (what: string) =>
      fail(`${agent} sends update ${uuid} of ${taskId} ${what}`, [taskId]);
    const order = spoken.get(uuid) ?? sent.lastOrder;
    if (sent.acknowledged.has(uuid)) complain('after its acknowledgement');
    if (sent.inFlight !== undefined && sent.inFlight !== uuid) {
      complain(`before ${sent.inFlight} is acknowledged`);
    }
    if (order < sent.lastOrder) complain('out of order');
    sent.lastOrder = order;
    sent.inFlight = uuid;
  }

  /** What an agent writes down it must deliver, once it has told the executor so. */
  function keeps(records: readonly CheckpointRecord[]): void {
    for (const record of records) {
      const uuid = record.kind === 'update' ? record.record.update?.uuid : undefined;
      if (uuid) kept.add(uuidText(uuid));
    }
  }

  return {
    executorSays({ update }) {
      const uuid = update?.status.uuid && uuidText(update.status.uuid);
      if (uuid !== undefined && !spoken.has(uuid)) spoken.set(uuid, spoken.size);
    },
    executorTold(agent, frameworkId, { acknowledged }) {
      if (!acknowledged) return;
      const uuid = uuidText(acknowledged.uuid);
      const taskId = acknowledged.taskId.value;
      if (delivered.has(uuid)) return;
      if (kept.has(uuid)) promised.set(uuid, { agent, frameworkId, taskId });
    },
    agentStepped(agent, state, event, effects) {
      if (event.type === 'StatusUpdateAcknowledgementMessage' && state.life === 'RUNNING') {
        const { frameworkId, taskId, uuid } = event.message;
        const sent = sentOf(agent, `${frameworkId.value}/${taskId.value}`);
        if (sent.inFlight === uuidText(uuid)) {
          sent.acknowledged.add(sent.inFlight);
          sent.inFlight = undefined;
        }
      }
      for (const effect of effects) {
        if (effect.type === 'checkpoint') keeps(effect.records);
        if (effect.type !== 'send' || effect.message.name !== 'StatusUpdateMessage') continue;
        const { frameworkId, status, uuid } = effect.message.body.update;
        if (uuid) sends(agent, frameworkId.value, status.taskId.value, uuidText(uuid));
      }
    },
    agentDied(agent, left) {
      // From here on only what the disk kept binds the agent.
      sentBy.delete(agent);
      const survived = new Set<string>();
      for (const { id: frameworkId, executors } of left?.frameworks ?? []) {
        for (const { id, acknowledged, updates } of executors.flatMap(
          ({ run }) => run?.tasks ?? [],
        )) {
          const sent = sentOf(agent, `${frameworkId}/${id}`);
          for (const uuid of acknowledged) sent.acknowledged.add(uuid);
          for (const { uuid } of updates) survived.add(uuidText(uuid ?? new Uint8Array()));
        }
      }
      for (const [uuid, promise] of promised) {
        if (promise.agent !== agent || survived.has(uuid)) continue;
        promised.delete(uuid);
        fail(`${agent} died with a promised update of ${promise.taskId} not on its disk`, [
          promise.taskId,
        ]);
      }
    },
    heard(frameworkId, { taskId, state, uuid: bytes, reason }) {
      if (!bytes) return;
      const uuid = uuidText(bytes);
      const key = `${frameworkId}/${taskId.value}`;
      const heard = heardOf.get(key) ?? { uuids: new Set(), lastOrder: -1, end: undefined };
      heardOf.set(key, heard);
      promised.delete(uuid);
      delivered.add(uuid);
      if (heard.uuids.has(uuid)) return;
      heard.uuids.add(uuid);
      const what = `${state} of ${taskId.value} (${reason ?? 'no reason'})`;
      const order = spoken.get(uuid) ?? heard.lastOrder;
      if (order < heard.lastOrder) fail(`${what} is heard out of order`, [taskId.value]);
      heard.lastOrder = order;
      if (heard.end !== undefined) fail(`${what} is heard after ${heard.end}`, [taskId.value]);
      if (isTerminal(state)) heard.end = state;
      countEnd(counts(), state);
    },
    complete() {
      for (const { agent, taskId } of promised.values()) {
        fail(`${agent} took over an update of ${taskId} and never delivered it`, [taskId]);
      }
    },
  };
}

function countEnd(counts: SimulatedWorld['counts'], state: TaskStatus['state']): void {
  if (state === 'TASK_FINISHED') counts.finished++;
  else if (state === 'TASK_FAILED') counts.failed++;
  else if (state === 'TASK_KILLED') counts.killed++;
  else if (state === 'TASK_LOST' || state === 'TASK_GONE' || state === 'TASK_DROPPED')
    counts.lost++;
}
