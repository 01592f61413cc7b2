import { Resources, validateResource } from '@mesita/sdk/resources';
import type { AgentInfo, ExecutorInfo, Task } from '@mesita/sdk/types';
import type { RegisterSlaveMessage, ReregisterSlaveMessage } from '../../../wire/types/internal.ts';
import { validateId } from '../../../wire/validation/ids.ts';
import { validateExecutorAlone } from './executor-info.ts';
import { firstError } from './first-error.ts';
import { validateFrameworkInfo } from './framework-info.ts';

/** Why an agent's registration is ignored. */
export function validateRegisterAgent(message: RegisterSlaveMessage): string | undefined {
  const { agent, checkpointedResources = [] } = message;
  const error = validateAgentInfo(agent);
  if (error !== undefined) return error;
  return firstError(checkpointedResources, validateResource);
}

/** Why an agent's return is ignored. */
export function validateReregisterAgent(message: ReregisterSlaveMessage): string | undefined {
  const {
    agent,
    checkpointedResources = [],
    frameworks = [],
    executorInfos = [],
    tasks = [],
  } = message;
  const error = validateAgentInfo(agent) ?? firstError(checkpointedResources, validateResource);
  if (error !== undefined) return error;
  const frameworkIds = new Set<string>();
  const executorIds = new Set<string>();
  return (
    firstError(frameworks, (info) => {
      const error = validateFrameworkInfo(info);
      if (error !== undefined) return error;
      const id = info.id?.value ?? '';
      if (frameworkIds.has(id)) return `Framework has a duplicate FrameworkID: '${id}'`;
      frameworkIds.add(id);
      return undefined;
    }) ??
    firstError(executorInfos, (executor) =>
      validateReturningExecutor(executor, frameworkIds, executorIds),
    ) ??
    firstError(tasks, (task) => validateReturningTask(task, agent, frameworkIds, executorIds))
  );
}

function validateAgentInfo(agent: AgentInfo): string | undefined {
  const error = agent.id === undefined ? undefined : validateId(agent.id.value);
  return error ?? Resources.validate(agent.resources ?? []);
}

function validateReturningExecutor(
  executor: ExecutorInfo,
  frameworkIds: ReadonlySet<string>,
  executorIds: Set<string>,
): string | undefined {
  const error = validateExecutorAlone(executor) ?? Resources.validate(executor.resources ?? []);
  if (error !== undefined) return error;
  const frameworkId = executor.frameworkId?.value ?? '';
  if (!frameworkIds.has(frameworkId)) return `Executor has an invalid FrameworkID '${frameworkId}'`;
  const executorId = executor.executorId.value;
  const key = JSON.stringify([frameworkId, executorId]);
  if (executorIds.has(key))
    return `Framework '${frameworkId}' has a duplicate ExecutorID '${executorId}'`;
  executorIds.add(key);
  return undefined;
}

function validateReturningTask(
  task: Task,
  agent: AgentInfo,
  frameworkIds: ReadonlySet<string>,
  executorIds: ReadonlySet<string>,
): string | undefined {
  const error = validateId(task.taskId.value);
  if (error !== undefined) return `Task has an invalid TaskID: ${error}`;
  if (task.agentId.value !== agent.id?.value)
    return `Task has an invalid SlaveID '${task.agentId.value}'`;
  const frameworkId = task.frameworkId.value;
  if (!frameworkIds.has(frameworkId)) return `Task has an invalid FrameworkID '${frameworkId}'`;
  if (task.executorId !== undefined && task.state === 'TASK_RUNNING') {
    const executorId = task.executorId.value;
    if (!executorIds.has(JSON.stringify([frameworkId, executorId]))) {
      return `Task has an invalid ExecutorID '${executorId}'`;
    }
  }
  const resourceError = Resources.validate(task.resources ?? []);
  return resourceError === undefined ? undefined : `Task uses invalid resources: ${resourceError}`;
}
