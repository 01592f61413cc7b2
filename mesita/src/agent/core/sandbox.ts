import type { ExecutorId, FrameworkId } from '@mesita/sdk/base';
import type { RunRef } from './state.ts';

/** `<root>/slaves/<agent>/frameworks/<framework>/executors/<executor>/runs`, as tools build it. */
function runsPath(root: string, run: Omit<RunRef, 'container'>): string {
  const { agentId, frameworkId, executorId } = run;
  return `${root}/slaves/${agentId}/frameworks/${frameworkId}/executors/${executorId}/runs`;
}

/** The sandbox of one run under the work directory, or its checkpoints under `meta`. */
export function runPath(root: string, run: RunRef): string {
  return `${runsPath(root, run)}/${run.container}`;
}

export function latestPath(root: string, run: RunRef): string {
  return `${runsPath(root, run)}/latest`;
}

/** The path that stays the same however often the agent gets a new id. */
export function virtualPath(framework: FrameworkId, executor: ExecutorId): string {
  return `/frameworks/${framework}/executors/${executor}/runs/latest`;
}
