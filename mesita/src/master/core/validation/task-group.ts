import { Resources } from '@mesita/sdk/resources';
import type { ContainerInfo, ExecutorInfo, TaskGroupInfo, TaskInfo } from '@mesita/sdk/types';
import { validateCommand } from '../../../wire/validation/command.ts';
import { areSameExecutors, validateExecutor } from './executor-info.ts';
import { areOverlapping, validateRevocability, validateUniquePersistenceIds } from './resources.ts';
import type { LaunchingAgent, LaunchingFramework } from './task.ts';
import {
  EXECUTOR_SHARES_CGROUPS,
  runningExecutor,
  validateExecutorSize,
  validateTaskAlone,
} from './task.ts';

/** Why a task group may not run: the text goes to every task of it. */
export function validateTaskGroup(
  group: TaskGroupInfo,
  executor: ExecutorInfo,
  framework: LaunchingFramework,
  agent: LaunchingAgent,
  offered: Resources,
): string | undefined {
  const tasks = group.tasks ?? [];
  const seen = new Set<string>();
  for (const task of tasks) {
    const id = task.taskId.value;
    const error = validateGroupTask(task, framework, agent) ?? validateSeen(seen, id);
    if (error !== undefined) return `Task '${id}' is invalid: ${error}`;
  }
  const known = runningExecutor(framework, agent, executor);
  return (
    validateGroupExecutor(tasks, executor, framework, known) ??
    validateTogether(tasks, executor) ??
    validateOffered(tasks, executor, known, offered) ??
    validateExecutorCommand(executor) ??
    validateShareCgroups(tasks, executor, framework, agent, known)
  );
}

/** The real master ends itself over an id that comes twice in one group. */
function validateSeen(seen: Set<string>, id: string): string | undefined {
  if (seen.has(id)) return `Task has duplicate ID: ${id}`;
  seen.add(id);
  return undefined;
}

function validateGroupTask(
  task: TaskInfo,
  framework: LaunchingFramework,
  agent: LaunchingAgent,
): string | undefined {
  const error = validateTaskAlone(task, framework, agent);
  if (error !== undefined) return error;
  const { container, executor, healthCheck, limits = {} } = task;
  if (executor === undefined) return "'TaskInfo.executor' must be set";
  const isNetworkCheck = healthCheck?.type === 'HTTP' || healthCheck?.type === 'TCP';
  if (isNetworkCheck && (container?.networkInfos ?? []).length > 0) {
    return "HTTP and TCP health checks are not supported for nested containers not joining parent's network";
  }
  if (container?.type === 'DOCKER') return 'Docker ContainerInfo is not supported on the task';
  if (Object.keys(limits).length > 0 && sharesCgroups(container)) {
    return "Resource limits may only be set for tasks within a task group when the 'share_cgroups' field is set to 'false'.";
  }
  return undefined;
}

function validateGroupExecutor(
  tasks: readonly TaskInfo[],
  executor: ExecutorInfo,
  framework: LaunchingFramework,
  known: ExecutorInfo | undefined,
): string | undefined {
  const error = validateExecutor(executor, framework.id, known);
  if (error !== undefined) return error;
  if (executor.type === undefined) return "'ExecutorInfo.type' must be set";
  if (executor.type === 'UNKNOWN') return 'Unknown executor type';
  if (executor.container?.type === 'DOCKER')
    return 'Docker ContainerInfo is not supported on the executor';
  const other = tasks.find(
    (task) => task.executor !== undefined && !areSameExecutors(task.executor, executor),
  );
  if (other !== undefined) {
    return `The \`ExecutorInfo\` of task '${other.taskId.value}' is different from executor '${executor.executorId.value}'`;
  }
  return validateExecutorSize(executor);
}

function validateTogether(tasks: readonly TaskInfo[], executor: ExecutorInfo): string | undefined {
  const ofTasks = tasks.map((task) => Resources.of(task.resources ?? []));
  const ofExecutor = Resources.of(executor.resources ?? []);
  const total = Resources.sum([ofExecutor, ...ofTasks]);
  const duplicate = validateUniquePersistenceIds(total);
  if (duplicate !== undefined)
    return `Task group and executor use duplicate persistence ID: ${duplicate}`;
  const mixed = validateRevocability(total);
  if (mixed !== undefined)
    return `Task group and executor mix revocable and non-revocable resources: ${mixed}`;
  if (!areOverlapping([...ofTasks, ofExecutor])) return undefined;
  return `There are overlapping resources in the task group's task resources [ ${ofTasks.join(', ')} ] and/or executor resources ${ofExecutor}`;
}

function validateOffered(
  tasks: readonly TaskInfo[],
  executor: ExecutorInfo,
  known: ExecutorInfo | undefined,
  offered: Resources,
): string | undefined {
  const ofTasks = tasks.flatMap((task) => task.resources ?? []);
  const total = Resources.of([
    ...ofTasks,
    ...(known === undefined ? (executor.resources ?? []) : []),
  ]);
  if (offered.contains(total)) return undefined;
  return `Total resources ${total} required by task group and its executor are more than available ${offered}`;
}

function validateExecutorCommand({ command, executorId }: ExecutorInfo): string | undefined {
  const error = command === undefined ? undefined : validateCommand(command);
  // The missing blank is Mesos'.
  return error === undefined
    ? undefined
    : `Executor '${executorId.value}'contains an invalid command: ${error}`;
}

function sharesCgroups(container: ContainerInfo | undefined): boolean {
  return container?.linuxInfo?.shareCgroups ?? true;
}

function validateShareCgroups(
  tasks: readonly TaskInfo[],
  executor: ExecutorInfo,
  framework: LaunchingFramework,
  agent: LaunchingAgent,
  known: ExecutorInfo | undefined,
): string | undefined {
  if (executor.container?.linuxInfo?.shareCgroups === true) return EXECUTOR_SHARES_CGROUPS;
  const values = new Set(tasks.map(({ container }) => sharesCgroups(container)));
  if (known !== undefined && values.size > 0) {
    for (const { task } of [...framework.tasks.values(), ...framework.unreachableTasks.values()]) {
      const isSibling =
        task.agentId.value === agent.id && task.executorId?.value === executor.executorId.value;
      if (isSibling) values.add(sharesCgroups(task.container));
    }
  }
  return values.size <= 1
    ? undefined
    : "If set, the value of 'share_cgroups' must be the same for all tasks in each task group and under a single executor";
}
