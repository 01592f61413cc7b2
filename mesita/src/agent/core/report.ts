import type { ReregisterSlaveMessage, UpdateSlaveMessage } from '../../wire/types/internal.ts';
import type { Context } from './context.ts';
import type { Executor, Framework } from './framework.ts';
import { agentIdOf } from './run-ref.ts';
import type { AgentState } from './state.ts';
import { createTask } from './task.ts';

/** Everything that runs here, as a master needs it that may never have heard of it. */
export function describeWork(
  state: AgentState,
): Pick<ReregisterSlaveMessage, 'tasks' | 'executorInfos' | 'frameworks' | 'completedFrameworks'> {
  const frameworks = [...state.frameworks.values()];
  const executors = frameworks.flatMap((framework) => [...framework.executors.values()]);
  return {
    frameworks: frameworks.map(({ info }) => info),
    tasks: executors.flatMap(tasksOf),
    // The master keeps no account of executors that the agent made up, nor of ended ones.
    executorInfos: executors
      .filter(({ kind, life }) => kind !== 'COMMAND' && life !== 'TERMINATED')
      .map(({ info }) => info),
    completedFrameworks: state.completedFrameworks.map(archive),
  };
}

function tasksOf(executor: Executor) {
  const queued = [...executor.queuedTasks.values()].map((task) =>
    createTask(task, 'TASK_STAGING', executor.frameworkId),
  );
  return [...executor.launchedTasks.values(), ...executor.terminatedTasks.values(), ...queued];
}

function archive({ info, pid, completedExecutors }: Framework) {
  const tasks = completedExecutors.flatMap((executor) => [
    ...executor.terminatedTasks.values(),
    ...executor.completedTasks,
  ]);
  return { frameworkInfo: info, tasks, ...(pid !== undefined && { pid }) };
}

export function sendUpdateSlave({ state, emit }: Context): void {
  if (!state.master) return;
  const operations = [...state.operations.values()];
  emit({
    type: 'send',
    to: state.master.pid,
    message: {
      name: 'UpdateSlaveMessage',
      body: {
        agentId: { value: agentIdOf(state) },
        ...oversubscribed(state),
        operations: { operations: operations.map(({ operation }) => operation) },
        resourceVersionUuid: { value: state.resourceVersion },
        resourceProviders: {},
      },
    },
  });
}

/** Beside registrations too, whenever what is lent changes. It is no new resource version. */
export function sendOversubscribed({ state, emit }: Context): void {
  if (!state.master) return;
  const body = { agentId: { value: agentIdOf(state) }, ...oversubscribed(state) };
  emit({ type: 'send', to: state.master.pid, message: { name: 'UpdateSlaveMessage', body } });
}

function oversubscribed({
  oversubscribed: lent,
}: AgentState): Pick<
  UpdateSlaveMessage,
  'updateOversubscribedResources' | 'oversubscribedResources'
> {
  return {
    updateOversubscribedResources: lent !== undefined,
    ...(lent && !lent.isEmpty && { oversubscribedResources: lent.toMessages() }),
  };
}
