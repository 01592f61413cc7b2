import type {
  CommandInfo,
  ExecutorInfo,
  FrameworkInfo,
  Resource,
  TaskInfo,
} from '@mesita/sdk/types';
import type { AgentConfig } from './config.ts';

/** What a command executor costs beside its task. */
const EXECUTOR_CPUS = 0.1;
const EXECUTOR_MEM = 32;
/** Longest text of a command that an executor's name repeats. */
const MAX_COMMAND_TEXT = 15;
/** A command executor may take this much longer than its task's grace period to end. */
const SHUTDOWN_MARGIN_NANOSECONDS = 2_000_000_000n;

/** The ExecutorInfo a command task implies; operators and frameworks see it as Mesos makes it. */
export function commandExecutorInfo(
  config: AgentConfig,
  framework: FrameworkInfo,
  task: TaskInfo,
): ExecutorInfo {
  const grace = task.killPolicy?.gracePeriod?.nanoseconds;
  return {
    executorId: { value: task.taskId.value },
    ...(framework.id && { frameworkId: framework.id }),
    command: commandOfCommandExecutor(config, framework, task),
    ...(task.container?.type === 'MESOS' && { container: task.container }),
    name: `Command Executor (Task: ${task.taskId.value}) (Command: ${describeCommand(task.command)})`,
    source: task.taskId.value,
    ...(task.labels && { labels: task.labels }),
    ...(task.discovery && { discovery: task.discovery }),
    ...(grace !== undefined && {
      shutdownGracePeriod: { nanoseconds: grace + SHUTDOWN_MARGIN_NANOSECONDS },
    }),
    resources: executorOverhead(task.resources ?? []),
  };
}

function commandOfCommandExecutor(
  config: AgentConfig,
  framework: FrameworkInfo,
  task: TaskInfo,
): CommandInfo {
  const { command } = task;
  const hasImage = task.container?.type === 'MESOS' && task.container.mesos?.image !== undefined;
  const user = command?.user ?? framework.user;
  return {
    ...(command?.uris && { uris: command.uris }),
    ...(command?.environment && { environment: command.environment }),
    ...(command?.user !== undefined && { user: command.user }),
    shell: false,
    value: `${config.launcherDir}/mesos-executor`,
    arguments: [
      'mesos-executor',
      `--launcher_dir=${config.launcherDir}`,
      ...(hasImage ? [`--sandbox_directory=${config.sandboxDirectory}`] : []),
      ...(hasImage && config.switchUser ? [`--user=${user}`] : []),
    ],
  };
}

function describeCommand(command: CommandInfo | undefined): string {
  if (command?.shell ?? true) {
    if (command?.value === undefined) return 'NO COMMAND';
    const { value } = command;
    return value.length > MAX_COMMAND_TEXT
      ? `sh -c '${value.slice(0, 12)}...'`
      : `sh -c '${value}'`;
  }
  if (command?.value === undefined) return 'NO EXECUTABLE';
  const words = [command.value, ...(command.arguments ?? [])].join(', ');
  return words.length > MAX_COMMAND_TEXT ? `[${words.slice(0, 12)}...]` : `[${words}]`;
}

function executorOverhead(taskResources: readonly Resource[]): readonly Resource[] {
  const allocation = taskResources.find((resource) => resource.allocationInfo)?.allocationInfo;
  const scalar = (name: string, value: number): Resource => ({
    name,
    type: 'SCALAR',
    scalar: { value },
    ...(allocation && { allocationInfo: allocation }),
  });
  return [scalar('cpus', EXECUTOR_CPUS), scalar('mem', EXECUTOR_MEM)];
}

/** The command operators see for a default executor; none is run. */
export function defaultExecutorCommand(config: AgentConfig, user: string | undefined): CommandInfo {
  return {
    shell: false,
    value: `${config.launcherDir}/mesos-default-executor`,
    arguments: ['mesos-default-executor', `--launcher_dir=${config.launcherDir}`],
    ...(user !== undefined && { user }),
  };
}
