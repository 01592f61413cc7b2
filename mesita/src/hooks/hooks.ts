import type { Hook } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type {
  AgentInfo,
  ContainerID,
  Environment,
  ExecutorInfo,
  FrameworkID,
  FrameworkInfo,
  TaskInfo,
  TaskStatus,
} from '@mesita/sdk/types';
import type { DockerTaskExecutorPrepareInfo } from '@mesita/sdk/types/hook';
import { createHookCalls, type HookMethod, type HookOptions, type InstalledHook } from './calls.ts';
import { asAttributes, asEnvironment, asLabels, asResources } from './shapes.ts';

type DockerInput = Parameters<NonNullable<Hook['agentPreLaunchDockerTaskExecutorDecorator']>>[0];

/**
 * The installed hooks, asked in the order of `--hooks`. Decorators give what they were given, with
 * the field they are about replaced. None rejects but the one about Docker. Ask `has` first: a
 * moment that nobody hooks into shall cost nothing.
 */
export interface Hooks {
  has(method: HookMethod): boolean;
  /** All that `has` affirms. */
  readonly moments: ReadonlySet<HookMethod>;
  /** Hooks were exchanged: what `has` affirms may have changed. */
  refresh(): void;
  taskResources(task: TaskInfo, agentTotal: Resources): Promise<TaskInfo>;
  masterTaskLabels(task: TaskInfo, framework: FrameworkInfo, agent: AgentInfo): Promise<TaskInfo>;
  agentLost(agent: AgentInfo): Promise<void>;
  agentTaskLabels(
    task: TaskInfo,
    executor: ExecutorInfo,
    framework: FrameworkInfo,
    agent: AgentInfo,
  ): Promise<TaskInfo>;
  /** The executor's own variables, as the hooks leave them: to be put over all others. */
  executorEnvironment(executor: ExecutorInfo): Promise<Environment>;
  /** Rejects when any hook fails. Undefined: nothing to change. */
  dockerPrepare(input: DockerInput): Promise<DockerTaskExecutorPrepareInfo | undefined>;
  postFetch(container: ContainerID, directory: string): Promise<void>;
  taskStatus(framework: FrameworkID, status: TaskStatus): Promise<TaskStatus>;
  removeExecutor(framework: FrameworkInfo, executor: ExecutorInfo): Promise<void>;
  /** Resources, then attributes, which see the decorated resources. */
  agentInfo(agent: AgentInfo): Promise<AgentInfo>;
}

export function createHooks(installed: readonly InstalledHook[], options: HookOptions): Hooks {
  const { has, moments, refresh, chain, tell, collect } = createHookCalls(installed, options);
  const withLabels = (task: TaskInfo, labels: unknown) => ({ ...task, labels: asLabels(labels) });
  return {
    has,
    moments,
    refresh,
    taskResources: (task, agentTotal) =>
      chain(
        'masterLaunchTaskResourceDecorator',
        task,
        (hook, seen) => hook.masterLaunchTaskResourceDecorator?.(seen, agentTotal),
        (seen, answer) => ({ ...seen, resources: asResources(answer).toMessages('post') }),
      ),
    masterTaskLabels: (task, framework, agent) =>
      chain(
        'masterLaunchTaskLabelDecorator',
        task,
        (hook, seen) => hook.masterLaunchTaskLabelDecorator?.(seen, framework, agent),
        withLabels,
      ),
    agentLost: (agent) => tell('masterAgentLost', (hook) => hook.masterAgentLost?.(agent)),
    agentTaskLabels: (task, executor, framework, agent) =>
      chain(
        'agentRunTaskLabelDecorator',
        task,
        (hook, seen) => hook.agentRunTaskLabelDecorator?.(seen, executor, framework, agent),
        withLabels,
      ),
    executorEnvironment: (executor) =>
      chain(
        'agentExecutorEnvironmentDecorator',
        executor.command?.environment ?? {},
        (hook, environment) =>
          hook.agentExecutorEnvironmentDecorator?.({
            ...executor,
            ...(executor.command && { command: { ...executor.command, environment } }),
          }),
        (_seen, answer) => asEnvironment(answer),
      ),
    async dockerPrepare(input) {
      const answers = await collect('agentPreLaunchDockerTaskExecutorDecorator', (hook) =>
        hook.agentPreLaunchDockerTaskExecutorDecorator?.(input),
      );
      return answers.length === 0 ? undefined : mergePrepareInfos(answers);
    },
    postFetch: (container, directory) =>
      tell('agentPostFetch', (hook) => hook.agentPostFetch?.(container, directory)),
    taskStatus: (framework, status) =>
      chain(
        'agentTaskStatusDecorator',
        status,
        (hook, seen) => hook.agentTaskStatusDecorator?.(framework, seen),
        withStatusFields,
      ),
    removeExecutor: (framework, executor) =>
      tell('agentRemoveExecutor', (hook) => hook.agentRemoveExecutor?.(framework, executor)),
    async agentInfo(agent) {
      const decorated = await chain(
        'agentResourcesDecorator',
        agent,
        (hook, seen) => hook.agentResourcesDecorator?.(seen),
        (seen, answer) => ({ ...seen, resources: asResources(answer).toMessages('post') }),
      );
      return chain(
        'agentAttributesDecorator',
        decorated,
        (hook, seen) => hook.agentAttributesDecorator?.(seen),
        (seen, answer) => ({ ...seen, attributes: asAttributes(answer) }),
      );
    },
  };
}

/** The state of a task is not a hook's to change. */
function withStatusFields(seen: TaskStatus, answer: TaskStatus): TaskStatus {
  const { labels, containerStatus } = answer;
  return {
    ...seen,
    ...(labels !== undefined && { labels: asLabels(labels) }),
    ...(containerStatus !== undefined && { containerStatus }),
  };
}

/** Variables add up in order; where a name comes twice, the later one wins when they are set. */
function mergePrepareInfos(
  infos: readonly DockerTaskExecutorPrepareInfo[],
): DockerTaskExecutorPrepareInfo {
  const merge = (pick: (info: DockerTaskExecutorPrepareInfo) => Environment | undefined) => {
    const given = infos.flatMap((info) => pick(info) ?? []);
    if (given.length === 0) return undefined;
    return { variables: given.flatMap(({ variables }) => variables ?? []) };
  };
  const executorEnvironment = merge((info) => info.executorEnvironment);
  const taskEnvironment = merge((info) => info.taskEnvironment);
  return {
    ...(executorEnvironment && { executorEnvironment }),
    ...(taskEnvironment && { taskEnvironment }),
  };
}
