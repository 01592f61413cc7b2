import type { Environment } from '@mesita/sdk/types';
import type { DockerTaskExecutorPrepareInfo } from '@mesita/sdk/types/hook';

type Variables = Readonly<Record<string, string>>;

interface DockerEnvironments {
  /** Of the container. */
  readonly container: Variables;
  /** For the executor of a command task: it gives them to the task, `--task_environment`. */
  readonly task: Variables | undefined;
}

/**
 * Puts what the pre-launch hooks answered, merged in their order, over a container's environment.
 * A custom executor has no one to pass the task's variables on to: its container gets them.
 */
export function applyPrepareInfo(
  container: Variables,
  info: DockerTaskExecutorPrepareInfo | undefined,
  isCommandTask: boolean,
): DockerEnvironments {
  const withExecutors = { ...container, ...asVariables(info?.executorEnvironment) };
  const task = asVariables(info?.taskEnvironment);
  if (!isCommandTask) return { container: { ...withExecutors, ...task }, task: undefined };
  return { container: withExecutors, task: info?.taskEnvironment && task };
}

/** A name that comes twice has the later hook's value. */
function asVariables(environment: Environment | undefined): Variables {
  const variables = environment?.variables ?? [];
  return Object.fromEntries(variables.map(({ name, value = '' }) => [name, value]));
}
