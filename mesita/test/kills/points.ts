// Where the agent is killed, in the order in which a task's life passes them. What a point is named
// after: bin/kill-points.ts.

export type Life = 'any' | 'quick' | 'killed' | 'pod';

export interface KillPoint {
  readonly name: string;
  /** Which tasks pass it. */
  readonly life: Life;
}

const at = (life: Life, names: string): readonly KillPoint[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => ({ name, life }));

export const killPoints: readonly KillPoint[] = [
  ...at(
    'quick',
    `core.step.RunTaskMessage/before
     core.step.RunTaskMessage/after`,
  ),
  ...at('pod', 'core.step.RunTaskGroupMessage/after'),
  ...at(
    'any',
    `records.write.framework/before
     records.write.executor/before
     records.write.executor/after
     driver.perform.createDirectory/after
     core.step.DirectoryCreated/after
     core.step.LaunchCheckpointed/before
     driver.perform.launchContainer/before
     checkpoints.create/after
     checkpoints.write.config/after
     isolator.prepare/after
     checkpoints.write.launch_info/before
     switchboard.prepare/after
     launcher.fork/before
     launcher.fork/after
     checkpoints.writeText.pid/before
     checkpoints.writeText.pid/after
     isolator.isolate/after
     fetcher.fetch/before
     fetcher.fetch/after
     launcher.release/before
     launcher.release/after
     core.step.ContainerLaunched/before
     core.step.ContainerLaunched/after
     driver.perform.startBuiltinExecutor/after
     core.step.ExecutorCall/before
     core.step.ContainerUpdated/after
     driver.perform.sendExecutor/after
     records.write.update/before
     records.write.update/after
     core.step.UpdateCheckpointed/after
     driver.perform.send/before
     core.step.StatusUpdateAcknowledgementMessage/before
     core.step.StatusUpdateAcknowledgementMessage/after`,
  ),
  ...at(
    'killed',
    `core.step.KillTaskMessage/before
     core.step.KillTaskMessage/after
     launcher.kill/before
     launcher.kill/after`,
  ),
  ...at(
    'any',
    `launcher.destroy/before
     launcher.destroy/after
     switchboard.cleanUp/after
     isolator.cleanup/after`,
  ),
  ...at('pod', 'checkpoints.write.termination/after'),
  ...at(
    'any',
    `checkpoints.remove/before
     checkpoints.remove/after
     core.step.ContainerTerminated/before
     driver.perform.finishBuiltinExecutor/before
     core.step.BuiltinExecutorFinished/after
     records.write.completed/before
     records.write.completed/after
     driver.perform.scheduleGc/after`,
  ),
];
