import type { AgentId, TaskId } from '@mesita/sdk/base';
import type { scheduler, Task, TaskState } from '@mesita/sdk/types';
import type { AgentID } from '@mesita/sdk/types/mesos';
import type { Framework } from '../../framework.ts';
import { tellUpdate } from '../../framework-events.ts';
import { count } from '../../state.ts';
import { lastKnownDetails, type MasterVerdict, masterUpdate, verdictOf } from '../../task-life.ts';
import type { Turn } from '../../turn.ts';

/** Answers with updates that need no acknowledgement: of the tasks asked for, or of all. */
export function reconcile(
  turn: Turn,
  framework: Framework,
  { tasks = [] }: scheduler.Call.Reconcile,
): void {
  count(turn.state, 'master/messages_reconcile_tasks');
  if (tasks.length === 0) {
    for (const { task } of framework.tasks.values()) answer(turn, framework, latest(task));
    return;
  }
  for (const { taskId, agentId } of tasks) {
    const record = framework.tasks.get(taskId.value as TaskId);
    if (record) answer(turn, framework, latest(record.task));
    else answerUnknown(turn, framework, taskId, agentId);
  }
}

/** What the framework was last told, or is about to be; not what the agent already knows better. */
function latest(task: Task): MasterVerdict {
  const state = task.statusUpdateState ?? task.state;
  const message = 'Reconciliation: Latest task state';
  return {
    ...verdictOf(task, state, 'REASON_RECONCILIATION', message),
    details: lastKnownDetails(task),
  };
}

function answerUnknown(
  turn: Turn,
  framework: Framework,
  taskId: MasterVerdict['taskId'],
  agentId: AgentID | undefined,
): void {
  const { agents } = turn.state;
  const id = agentId?.value as AgentId | undefined;
  // Agents that may still return after a failover may have it: saying nothing is the truth.
  if (id === undefined ? agents.recovered.size > 0 : agents.recovered.has(id)) return;
  const verdict = (state: TaskState, what: string): MasterVerdict => ({
    frameworkId: { value: framework.id },
    taskId,
    agentId,
    // States that only aware frameworks know are told to the others as a loss.
    state: framework.capabilities.has('PARTITION_AWARE') ? state : 'TASK_LOST',
    reason: 'REASON_RECONCILIATION',
    message: `Reconciliation: Task is ${what}`,
  });
  const unreachable = id && agents.unreachable.get(id);
  if (id && agents.registered.has(id)) {
    answer(turn, framework, verdict('TASK_GONE', 'unknown to the agent'));
  } else if (unreachable) {
    answer(turn, framework, {
      ...verdict('TASK_UNREACHABLE', 'unreachable'),
      details: { unreachableTime: unreachable.since },
    });
  } else if (id && agents.gone.has(id)) {
    answer(turn, framework, verdict('TASK_GONE_BY_OPERATOR', 'gone'));
  } else {
    answer(turn, framework, verdict('TASK_UNKNOWN', 'unknown'));
  }
}

function answer(turn: Turn, framework: Framework, verdict: MasterVerdict): void {
  tellUpdate(turn, framework, masterUpdate(turn, verdict));
}
