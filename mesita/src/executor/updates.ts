import type { AgentID, TaskID, TaskStatus } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { ExecutorContext } from './executor.ts';

/** What an executor says about a task; the rest is the same for each. */
export type StatusContent = Pick<TaskStatus, 'taskId' | 'state'> & Partial<TaskStatus>;

/** Status updates on their way: each is kept until the agent acknowledges it. */
export interface Updates {
  send(content: StatusContent): TaskStatus;
  acknowledge(taskId: TaskID, uuid: Uint8Array): void;
  /** In the order they were sent. */
  pending(): readonly api.Call.Update[];
  setAgent(id: AgentID | undefined): void;
}

export function createUpdates(
  context: ExecutorContext,
  restored: readonly api.Call.Update[],
  changed: () => void,
): Updates {
  const { executorId } = context.executor;
  const frameworkId = context.framework.id ?? context.executor.frameworkId ?? { value: '' };
  let agentId: AgentID | undefined;
  let unacknowledged = [...restored];
  return {
    send(content) {
      const status: TaskStatus = {
        ...content,
        source: 'SOURCE_EXECUTOR',
        executorId,
        ...(agentId && { agentId }),
        timestamp: context.clock.now() / 1000,
        uuid: context.uuid(),
      };
      const update: api.Call.Update = { status };
      unacknowledged.push(update);
      changed();
      context.call({ type: 'UPDATE', executorId, frameworkId, update });
      return status;
    },
    acknowledge(taskId, uuid) {
      const key = Buffer.from(uuid);
      unacknowledged = unacknowledged.filter(
        ({ status }) => status.taskId.value !== taskId.value || !key.equals(status.uuid ?? key),
      );
      changed();
    },
    pending: () => unacknowledged,
    setAgent(id) {
      agentId = id;
    },
  };
}
