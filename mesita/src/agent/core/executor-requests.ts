import type { TaskId } from '@mesita/sdk/base';
import type * as api from '@mesita/sdk/types/executor';
import { type Context, runOf } from './context.ts';
import { allocatedResources, executorLimits } from './resources.ts';
import type { Executor } from './state.ts';

export function sendToExecutor(context: Context, executor: Executor, event: api.Event): void {
  const { connection } = executor;
  if (connection) context.emit({ type: 'sendExecutor', run: runOf(executor), connection, event });
}

export function updateContainer(
  context: Context,
  executor: Executor,
  tasks: readonly TaskId[],
): void {
  context.emit({
    type: 'updateContainer',
    run: runOf(executor),
    resources: allocatedResources(executor),
    limits: executorLimits(executor),
    tasks,
  });
}
