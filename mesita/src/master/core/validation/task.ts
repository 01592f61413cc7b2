import { formatBytes, MEGABYTE } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { ExecutorInfo, Resource, TaskInfo } from '@mesita/sdk/types';
import { validateCheck, validateHealthCheck } from '../../../wire/validation/check.ts';
import { validateCommand } from '../../../wire/validation/command.ts';
import { validateContainerInfo } from '../../../wire/validation/container-info.ts';
import { validateId } from '../../../wire/validation/ids.ts';
import type { Agent } from '../agent.ts';
import type { Framework } from '../framework.ts';
import { validateExecutor } from './executor-info.ts';
import { prefixed } from './first-error.ts';
import { validateLimits } from './limits.ts';
import {
  areOverlapping,
  validateResources,
  validateRevocability,
  validateSingleAllocation,
  validateUniquePersistenceIds,
} from './resources.ts';

/** The part of the books that bears on launches. */
export type LaunchingFramework = Pick<Framework, 'id' | 'tasks' | 'unreachableTasks'>;
export type LaunchingAgent = Pick<Agent, 'id' | 'capabilities' | 'executors'>;

/**
 * Why a task of LAUNCH may not run. Its resources are in the `post` format and allocated, its
 * executor knows its framework; `offered` is what is left of the offers.
 */
export function validateTask(
  task: TaskInfo,
  framework: LaunchingFramework,
  agent: LaunchingAgent,
  offered: Resources,
): string | undefined {
  return (
    validateTaskAlone(task, framework, agent) ??
    validateTaskExecutor(task, framework, agent, offered) ??
    validateShareCgroups(task)
  );
}

/** Rules that hold inside task groups as well. */
export function validateTaskAlone(
  task: TaskInfo,
  framework: LaunchingFramework,
  agent: LaunchingAgent,
): string | undefined {
  return (
    validateId(task.taskId.value) ??
    validateUniqueTaskId(task, framework) ??
    validateAgentId(task, agent) ??
    validateDurations(task) ??
    prefixed('Task uses invalid check', task.check && validateCheck(task.check)) ??
    prefixed(
      'Task uses invalid health check',
      task.healthCheck && validateHealthCheck(task.healthCheck),
    ) ??
    validateTaskResources(task) ??
    prefixed("Task's `CommandInfo` is invalid", task.command && validateCommand(task.command)) ??
    prefixed(
      "Task's `ContainerInfo` is invalid",
      task.container && validateContainerInfo(task.container),
    ) ??
    validateLimits(task, agent.capabilities)
  );
}

/** The executor of that id which the agent already runs for the framework. */
export function runningExecutor(
  framework: LaunchingFramework,
  agent: LaunchingAgent,
  { executorId }: ExecutorInfo,
): ExecutorInfo | undefined {
  for (const [id, executors] of agent.executors) {
    if (id !== framework.id) continue;
    for (const { info } of executors.values())
      if (info.executorId.value === executorId.value) return info;
  }
  return undefined;
}

function validateUniqueTaskId(
  { taskId }: TaskInfo,
  framework: LaunchingFramework,
): string | undefined {
  const id = taskId.value;
  if (hasId(framework.tasks, id)) return `Task has duplicate ID: ${id}`;
  if (hasId(framework.unreachableTasks, id))
    return `Task reuses the ID of an unreachable task: ${id}`;
  return undefined;
}

// The books are keyed by checked ids; whether this text is one of them is just what is asked.
function hasId(tasks: ReadonlyMap<string, unknown>, id: string): boolean {
  return tasks.has(id);
}

function validateAgentId({ agentId }: TaskInfo, agent: LaunchingAgent): string | undefined {
  if (agentId.value === agent.id) return undefined;
  return `Task uses invalid agent ${agentId.value} while agent ${agent.id} is expected`;
}

function validateDurations({ killPolicy, maxCompletionTime }: TaskInfo): string | undefined {
  if ((killPolicy?.gracePeriod?.nanoseconds ?? 0n) < 0n) {
    return "Task's 'kill_policy.grace_period' must be non-negative";
  }
  return (maxCompletionTime?.nanoseconds ?? 0n) < 0n
    ? "Task's `max_completion_time` must be non-negative"
    : undefined;
}

function validateTaskResources({ resources: messages = [] }: TaskInfo): string | undefined {
  if (messages.length === 0) return 'Task uses no resources';
  const error = prefixed('Task uses invalid resources', validateResources(messages));
  if (error !== undefined) return error;
  const resources = Resources.of(messages);
  return (
    prefixed('Task uses duplicate persistence ID', validateUniquePersistenceIds(resources)) ??
    prefixed('Invalid task resources', validateSingleAllocation(resources)) ??
    prefixed('Task mixes revocable and non-revocable resources', validateRevocability(resources))
  );
}

function validateTaskExecutor(
  task: TaskInfo,
  framework: LaunchingFramework,
  agent: LaunchingAgent,
  offered: Resources,
): string | undefined {
  const { command, executor, resources = [] } = task;
  if ((executor === undefined) === (command === undefined)) {
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  }
  const known = executor && runningExecutor(framework, agent, executor);
  const error =
    (executor && validateCustomExecutor(executor, framework.id, known)) ??
    validateTogether(resources, executor);
  if (error !== undefined) return error;
  // An executor that runs already is paid for.
  const needed = executor === undefined || known !== undefined ? [] : (executor.resources ?? []);
  const total = Resources.of([...resources, ...needed]);
  if (offered.contains(total)) return undefined;
  return `Total resources ${total} required by task and its executor is more than available ${offered}`;
}

function validateCustomExecutor(
  executor: ExecutorInfo,
  frameworkId: string,
  known: ExecutorInfo | undefined,
): string | undefined {
  const error = validateExecutor(executor, frameworkId, known);
  if (error !== undefined) return error;
  if (executor.type !== undefined && executor.type !== 'CUSTOM')
    return "'ExecutorInfo.type' must be 'CUSTOM'";
  if (executor.command === undefined) return "'ExecutorInfo.command' must be set";
  const resources = Resources.of(executor.resources ?? []);
  if (!resources.shared().isEmpty) {
    return `Executor resources ${resources} should not contain any shared resources`;
  }
  return executor.container?.linuxInfo?.shareCgroups === true ? EXECUTOR_SHARES_CGROUPS : undefined;
}

export const EXECUTOR_SHARES_CGROUPS =
  "The 'share_cgroups' field cannot be set to 'true' on executor containers";

function validateTogether(
  messages: readonly Resource[],
  executor: ExecutorInfo | undefined,
): string | undefined {
  const task = Resources.of(messages);
  const theirs = Resources.of(executor?.resources ?? []);
  const total = task.add(theirs);
  const error = prefixed(
    'Task and its executor use invalid resources',
    validateResources([...total]),
  );
  if (error !== undefined) return error;
  if (areOverlapping([task, theirs])) {
    return `There are overlapping resources in the task resources ${task} and executor resources ${theirs}`;
  }
  return (
    prefixed(
      'Task and its executor use duplicate persistence ID',
      validateUniquePersistenceIds(total),
    ) ??
    prefixed(
      'Task and its executor mix revocable and non-revocable resources',
      validateRevocability(total),
    )
  );
}

function validateShareCgroups({ container }: TaskInfo): string | undefined {
  return container?.linuxInfo?.shareCgroups === false
    ? "Only tasks in a task group may have 'share_cgroups' set to 'false'"
    : undefined;
}

const MIN_CPUS = 0.01;
const MIN_MEMORY = 32 * MEGABYTE;

/** Too small an executor: an error for task groups, a warning for single tasks. */
export function validateExecutorSize(executor: ExecutorInfo): string | undefined {
  const resources = Resources.of(executor.resources ?? []);
  const id = executor.executorId.value;
  const has = (name: string) => !resources.named(name).scalars().isEmpty;
  const cpus = resources.scalar('cpus');
  if (!has('cpus') || cpus < MIN_CPUS) {
    return `Executor '${id}' uses less CPUs (${has('cpus') ? cpus : 'None'}) than the minimum required (${MIN_CPUS})`;
  }
  const memory = Math.trunc(resources.scalar('mem')) * MEGABYTE;
  if (!has('mem') || memory < MIN_MEMORY) {
    const shown = has('mem') ? formatBytes(memory) : 'None';
    return `Executor '${id}' uses less memory (${shown}) than the minimum required (${formatBytes(MIN_MEMORY)})`;
  }
  return has('disk') ? undefined : `Executor '${id}' uses no disk`;
}
