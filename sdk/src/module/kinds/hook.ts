import type { Resources } from '../../resources/index.ts';
import type { DockerTaskExecutorPrepareInfo } from '../../types/hook.ts';
import type {
  AgentInfo,
  Attribute,
  ContainerID,
  Environment,
  ExecutorInfo,
  FrameworkID,
  FrameworkInfo,
  Labels,
  TaskInfo,
  TaskStatus,
} from '../../types/index.ts';

type Answer<T> = T | undefined | Promise<T | undefined>;

/**
 * Sees, and may change, what happens at eleven moments. Every method is optional. Hooks are asked
 * in the order of `--hooks`; an answer replaces the whole field and the next hook sees it,
 * undefined keeps it, an error is logged and keeps it too. A slow hook delays what it decorates
 * and nothing else.
 */
export interface Hook {
  /** Master, before a task is validated: its resources. */
  masterLaunchTaskResourceDecorator?(task: TaskInfo, agentTotal: Resources): Answer<Resources>;
  /** Master, when the task is sent to its agent: its labels. The master's own books keep the old. */
  masterLaunchTaskLabelDecorator?(
    task: TaskInfo,
    framework: FrameworkInfo,
    agent: AgentInfo,
  ): Answer<Labels>;
  /** Master, after frameworks were told that an agent is lost. */
  masterAgentLost?(agent: AgentInfo): void | Promise<void>;
  /** Agent, before a task becomes pending: its labels. */
  agentRunTaskLabelDecorator?(
    task: TaskInfo,
    executor: ExecutorInfo,
    framework: FrameworkInfo,
    agent: AgentInfo,
  ): Answer<Labels>;
  /** Agent, last step of building an executor's environment; may override `MESOS_*`. */
  agentExecutorEnvironmentDecorator?(executor: ExecutorInfo): Answer<Environment>;
  /**
   * Agent, before a Docker container is launched. All hooks get the same input; their answers are
   * merged in order, later variables win; any failure fails the launch.
   */
  agentPreLaunchDockerTaskExecutorDecorator?(input: {
    readonly task: TaskInfo | undefined;
    readonly executor: ExecutorInfo;
    readonly containerName: string;
    readonly workDirectory: string;
    readonly sandboxDirectory: string;
    readonly environment: Readonly<Record<string, string>> | undefined;
  }): Answer<DockerTaskExecutorPrepareInfo>;
  /** Agent, after everything was fetched into the sandbox. Errors are logged only. */
  agentPostFetch?(container: ContainerID, directory: string): void | Promise<void>;
  /** Agent, before an update is checkpointed: its labels and container status. */
  agentTaskStatusDecorator?(framework: FrameworkID, status: TaskStatus): Answer<TaskStatus>;
  /** Agent, when an executor is gone and before it is forgotten. */
  agentRemoveExecutor?(framework: FrameworkInfo, executor: ExecutorInfo): void | Promise<void>;
  /** Agent, at its start: its resources, then its attributes. */
  agentResourcesDecorator?(agent: AgentInfo): Answer<Resources>;
  agentAttributesDecorator?(agent: AgentInfo): Answer<readonly Attribute[]>;
}
