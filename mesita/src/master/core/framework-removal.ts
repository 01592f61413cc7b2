import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { ExecutorRecord } from './agent.ts';
import { addCompletedTask, deleteExecutor, dropUnreachableTask } from './books.ts';
import { finishDraining } from './drain-life.ts';
import type { Framework } from './framework.ts';
import { expectNoReturn } from './framework-expectations.ts';
import { deactivate, failoverTimer, hangUp } from './framework-life.ts';
import { completeFramework } from './state.ts';
import type { TaskRecord } from './task.ts';
import { masterUpdate, removeTask, updateTask, verdictOf } from './task-life.ts';
import { allocate, log, send, type Turn } from './turn.ts';

/** For good: its executors are shut down, its tasks count as killed, its id is never taken again. */
export function removeFramework(turn: Turn, framework: Framework): void {
  const { state, config } = turn;
  log(turn, 'info', 'framework removed', { frameworkId: framework.id });
  if (framework.active) deactivate(turn, framework, false);
  for (const agent of state.agents.registered.values()) {
    send(turn, agent, 'ShutdownFrameworkMessage', { frameworkId: { value: framework.id } });
  }
  for (const record of [...framework.tasks.values()]) {
    updateTask(turn, record, removalOf(turn, framework, record));
    removeTask(turn, record);
  }
  for (const [taskId, record] of [...framework.unreachableTasks]) {
    updateTask(turn, record, removalOf(turn, framework, record));
    addCompletedTask(framework, record, config.maxCompletedTasksPerFramework);
    dropUnreachableTask(state, framework, taskId);
  }
  for (const [agentId, executors] of [...framework.executors]) {
    for (const executor of [...executors.values()]) {
      removeExecutor(turn, agentId, framework.id, executor);
    }
  }
  for (const agent of state.agents.registered.values()) finishDraining(turn, agent);
  hangUp(turn, framework);
  expectNoReturn(turn, framework.id);
  turn.emit({ type: 'cancelTimer', id: failoverTimer(framework.id) });
  framework.unregisteredAt = turn.now;
  completeFramework(state, framework, config.maxCompletedFrameworks);
  // Between the pair nobody is offered what the framework's end has freed only half.
  allocate(turn, 'pause');
  allocate(turn, 'removeFramework', framework.id);
  allocate(turn, 'resume');
  turn.emit({
    type: 'publishOperator',
    event: { type: 'FRAMEWORK_REMOVED', info: framework.info },
  });
}

/** Its framework hears nothing of it: the books alone must agree with the agent. */
function removalOf(turn: Turn, { id }: Framework, { task }: TaskRecord) {
  const reason = 'REASON_FRAMEWORK_REMOVED';
  return masterUpdate(turn, verdictOf(task, 'TASK_KILLED', reason, `Framework ${id} removed`));
}

export function removeExecutor(
  turn: Turn,
  agentId: AgentId,
  frameworkId: FrameworkId,
  record: ExecutorRecord,
): void {
  const agent = turn.state.agents.registered.get(agentId);
  if (!agent) return;
  allocate(turn, 'recoverResources', frameworkId, agentId, record.resources, undefined, true);
  const framework = turn.state.frameworks.registered.get(frameworkId);
  deleteExecutor(turn.state, agent, frameworkId, framework, record);
}
