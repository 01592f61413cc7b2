import type { TaskStatus } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { AgentEffect, CheckpointRecord } from '../../agent/core/effects.ts';
import type { AgentEvent } from '../../agent/core/events.ts';
import type { RecoveredAgent } from '../../agent/core/recovered.ts';
import type { AgentState } from '../../agent/core/state.ts';
import { uuidText } from '../../wire/uuid.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { Fail } from './checks.ts';
import { createHeardUpdates } from './heard-updates.ts';
import { createPromisedUpdates } from './promised-updates.ts';
import { createSentUpdates } from './sent-updates.ts';
import type { TaskChecks } from './tasks.ts';

/** Status updates from executors through agents to frameworks: in order, until acknowledged. */
export interface UpdateChecks {
  executorSays(call: api.Call): void;
  /** The agent sends an event to an executor: it takes responsibility for what it acknowledges. */
  executorTold(agent: string, event: api.Event): void;
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

export function createUpdateChecks(
  fail: Fail,
  counts: () => SimulatedWorld['counts'],
  tasks: Pick<TaskChecks, 'told'>,
): UpdateChecks {
  /** The order in which executors made their updates. */
  const spoken = new Map<string, number>();
  const sent = createSentUpdates(fail);
  const promised = createPromisedUpdates(fail);
  const heard = createHeardUpdates(fail);

  function checkSent(agent: string, effects: readonly AgentEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'checkpoint') effect.records.forEach(noteWritten);
      if (effect.type !== 'send' || effect.message.name !== 'StatusUpdateMessage') continue;
      const { frameworkId, status, uuid: bytes } = effect.message.body.update;
      if (!bytes) continue;
      const uuid = uuidText(bytes);
      sent.sends(agent, nameOf(frameworkId, status.taskId), uuid, spoken.get(uuid));
    }
  }

  function noteWritten(record: CheckpointRecord): void {
    const uuid = record.kind === 'update' ? record.record.update?.uuid : undefined;
    if (uuid) promised.written(uuidText(uuid));
  }

  return {
    executorSays({ update }) {
      const uuid = update?.status.uuid && uuidText(update.status.uuid);
      if (uuid !== undefined && !spoken.has(uuid)) spoken.set(uuid, spoken.size);
    },
    executorTold(agent, { acknowledged }) {
      if (!acknowledged) return;
      promised.told(agent, acknowledged.taskId.value, uuidText(acknowledged.uuid));
    },
    agentStepped(agent, state, event, effects) {
      if (event.type === 'StatusUpdateAcknowledgementMessage' && state.life === 'RUNNING') {
        const { frameworkId, taskId, uuid } = event.message;
        sent.isAcknowledged(agent, nameOf(frameworkId, taskId), uuidText(uuid));
      }
      checkSent(agent, effects);
    },
    agentDied(agent, left) {
      sent.forget(agent);
      const survived = new Set<string>();
      for (const { id: frameworkId, executors } of left?.frameworks ?? []) {
        const tasks = executors.flatMap(({ run }) => run?.tasks ?? []);
        for (const { id, acknowledged, updates } of tasks) {
          sent.restore(agent, `${frameworkId}/${id}`, acknowledged);
          for (const { uuid } of updates) survived.add(uuidText(uuid ?? new Uint8Array()));
        }
      }
      promised.agentDied(agent, survived);
    },
    heard(frameworkId, status) {
      tasks.told(frameworkId, status);
      if (!status.uuid) return;
      const uuid = uuidText(status.uuid);
      promised.delivered(uuid);
      const task = `${frameworkId}/${status.taskId.value}`;
      if (heard.isNew(task, status, uuid, spoken.get(uuid))) countEnd(counts(), status.state);
    },
    complete: () => promised.complete(),
  };
}

function nameOf(frameworkId: { readonly value: string }, taskId: { readonly value: string }) {
  return `${frameworkId.value}/${taskId.value}`;
}

function countEnd(counts: SimulatedWorld['counts'], state: TaskStatus['state']): void {
  if (state === 'TASK_FINISHED') counts.finished++;
  else if (state === 'TASK_FAILED') counts.failed++;
  else if (state === 'TASK_KILLED') counts.killed++;
  else if (state === 'TASK_LOST' || state === 'TASK_GONE' || state === 'TASK_DROPPED')
    counts.lost++;
}
