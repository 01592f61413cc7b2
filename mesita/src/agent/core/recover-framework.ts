import type { ContainerState } from '@mesita/sdk/types/containerizer';
import { isTerminal } from '../../wire/task-state.ts';
import { uuidText } from '../../wire/uuid.ts';
import {
  addExecutor,
  addFramework,
  completeExecutor,
  setCompletedTask,
  setLaunchedTask,
  setTerminatedTask,
} from './books.ts';
import type { Context } from './context.ts';
import type {
  RecoveredExecutor,
  RecoveredFramework,
  RecoveredRun,
  RecoveredTask,
} from './recovered.ts';
import { runRef } from './run-ref.ts';
import { runPath } from './sandbox.ts';
import type { Executor, Framework } from './state.ts';
import { withStatus } from './task.ts';
import { addStream, noteReceived, pushPending } from './update-stream.ts';

/** Puts one framework back into the books; answers the containers its executors should have. */
export function recoverFramework(
  context: Context,
  recovered: RecoveredFramework,
): readonly ContainerState[] {
  const info = { ...recovered.info, id: { value: recovered.id } };
  const framework = addFramework(context.state, info, recovered.pid);
  return recovered.executors.flatMap((executor) => recoverExecutor(context, framework, executor));
}

function recoverExecutor(
  context: Context,
  framework: Framework,
  recovered: RecoveredExecutor,
): readonly ContainerState[] {
  const { run } = recovered;
  if (!run) return [];
  const executor = createExecutor(context, framework, recovered, run);
  for (const container of recovered.olderRuns) collect(context, { ...executor, container });
  for (const task of run.tasks) recoverTask(context, executor, task, run);
  if (run.completed) {
    executor.life = 'TERMINATED';
    context.state.counters.executors_terminated++;
    for (const task of executor.launchedTasks.values()) setTerminatedTask(executor, task);
    collect(context, executor);
    completeExecutor(framework, executor, context.config.maxCompletedExecutors);
    return [];
  }
  executor.launches = new Map(
    run.tasks.flatMap(({ id, launch }) => (launch ? [[id, launch] as const] : [])),
  );
  if (run.forkedPid === undefined) {
    // It was never forked, or before a reboot: nobody need look for it.
    executor.ended = { termination: undefined };
    return [];
  }
  return [
    {
      executorInfo: executor.info,
      containerId: { value: executor.container },
      pid: run.forkedPid,
      directory: executor.directory,
      ...(executor.info.container && { containerInfo: executor.info.container }),
    },
  ];
}

function createExecutor(
  { state, config }: Context,
  framework: Framework,
  { id, info, generated }: RecoveredExecutor,
  { container }: RecoveredRun,
): Executor {
  const names = { id, container, frameworkId: framework.id };
  return addExecutor(framework, {
    id,
    info,
    kind: generated ? 'COMMAND' : info.type === 'DEFAULT' ? 'DEFAULT' : 'CUSTOM',
    container,
    directory: runPath(config.workDir, runRef(state, names)),
    user: config.switchUser ? (info.command?.user ?? framework.info.user) : undefined,
    checkpoint: true,
    awaited: true,
  });
}

/** The task as its checkpointed updates left it, and the updates that nobody acknowledged. */
function recoverTask(
  { state }: Context,
  executor: Executor,
  { id, task, updates, acknowledged }: RecoveredTask,
  { completed }: RecoveredRun,
): void {
  let current = task;
  let end: string | undefined;
  for (const update of updates) {
    if (end !== undefined) break;
    const { data: _, ...status } = update.status;
    current = withStatus(current, status);
    if (isTerminal(status.state)) end = uuidText(update.uuid ?? new Uint8Array());
  }
  const done = new Set(acknowledged);
  if (end === undefined) setLaunchedTask(executor, current);
  else if (done.has(end)) setCompletedTask(executor, current);
  else setTerminatedTask(executor, current);
  if (completed || updates.length === 0 || (end !== undefined && done.has(end))) return;
  const run = runRef(state, executor);
  const stream = addStream(state, { frameworkId: executor.frameworkId, taskId: id, run });
  for (const update of updates) {
    const uuid = uuidText(update.uuid ?? new Uint8Array());
    noteReceived(stream, uuid);
    if (!done.has(uuid)) pushPending(stream, update);
  }
}

function collect({ state, config, emit }: Context, executor: Executor): void {
  const target = { kind: 'run', run: runRef(state, executor) } as const;
  emit({ type: 'scheduleGc', target, fresh: false, delayMs: config.gcDelayMs });
}
