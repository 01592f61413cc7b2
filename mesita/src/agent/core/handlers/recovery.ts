import { formatDuration } from '@mesita/sdk/base';
import { applyCheckpointedResources, Resources } from '@mesita/sdk/resources';
import type { ContainerState } from '@mesita/sdk/types/containerizer';
import { addOperation } from '../books.ts';
import { type Context, type Handler, inform, runOf, warn } from '../context.ts';
import { destroyExecutor, forgetFrameworkIfIdle, shutdownExecutor } from '../executor-life.ts';
import { recoverFramework } from '../recover-framework.ts';
import type { RecoveredAgent, RecoveredResources } from '../recovered.ts';
import { agentIdOf } from '../run-ref.ts';
import type { AgentState, Executor } from '../state.ts';
import { goneState } from '../task.ts';
import { attachSandbox, startBuiltin } from './containers.ts';
import { killAll } from './drain.ts';
import { startOversubscription } from './oversubscription.ts';

export const checkpointsRead: Handler<'CheckpointsRead'> = (context, { recovered, resources }) => {
  const { state, emit } = context;
  if (resources) restoreResources(state, resources);
  const known = recovered ? restore(context, recovered) : [];
  emit({ type: 'recoverContainers', known });
};

function restoreResources(state: AgentState, { resources, operations }: RecoveredResources): void {
  const checkpointed = Resources.of(resources);
  const total = applyCheckpointedResources(state.resources, checkpointed);
  if (!total.ok) return;
  state.resources = total.value;
  state.checkpointed = checkpointed;
  for (const operation of operations) addOperation(state, operation, true);
}

/** Fills the books from the checkpoints; answers the containers that ought to be there. */
function restore(context: Context, recovered: RecoveredAgent): readonly ContainerState[] {
  const { state } = context;
  state.info = { ...state.info, ...(recovered.info.id && { id: recovered.info.id }) };
  state.counters.recovery_errors += recovered.errors.length;
  for (const error of recovered.errors) warn(context, 'cannot recover', { error });
  if (recovered.drain) state.drain = { config: recovered.drain, startedAt: context.now };
  const known = recovered.frameworks.flatMap((framework) => recoverFramework(context, framework));
  for (const framework of state.frameworks.values()) {
    const { executors, completedExecutors } = framework;
    for (const executor of [...completedExecutors, ...executors.values()]) {
      attachSandbox(context, framework, executor);
    }
  }
  for (const framework of [...state.frameworks.values()]) forgetFrameworkIfIdle(context, framework);
  return known;
}

function liveExecutors(state: AgentState): readonly Executor[] {
  return [...state.frameworks.values()].flatMap(({ executors }) => [...executors.values()]);
}

export const containersRecovered: Handler<'ContainersRecovered'> = (context, { statuses }) => {
  const { state, config, emit } = context;
  state.awaitsExecutors = true;
  // From here on executors that lost their agent may come back to it: not before it is known which
  // containers there are, or what they have not begun would be launched once more.
  state.acceptsExecutors = true;
  for (const framework of [...state.frameworks.values()]) {
    for (const executor of [...framework.executors.values()]) {
      executor.hasContainer = true;
      executor.status = statuses.get(executor.container);
      // First, so that an executor made anew does not begin again what is over.
      if (!executor.ended || executor.kind === 'CUSTOM') {
        emit({ type: 'watchContainer', run: runOf(executor) });
      }
      startBuiltin(context, framework, executor);
      if (config.recover === 'cleanup') shutdownExecutor(context, executor);
    }
  }
  if (config.recover === 'reconnect' && liveExecutors(state).some(({ awaited }) => awaited)) {
    emit({
      type: 'setTimer',
      id: 'reregister',
      delayMs: config.executorReregistrationTimeoutMs,
      then: { type: 'ReregistrationTimedOut' },
    });
    return;
  }
  finishRecovery(context);
};

export const reregistrationTimedOut: Handler<'ReregistrationTimedOut'> = (context) => {
  const { state, config } = context;
  if (state.life !== 'RECOVERING') return;
  const timeout = formatDuration(config.executorReregistrationTimeoutMs);
  for (const framework of state.frameworks.values()) {
    for (const executor of framework.executors.values()) {
      if (!executor.awaited || executor.life !== 'REGISTERING') continue;
      warn(context, 'killing executor that did not come back', runOf(executor));
      destroyExecutor(context, executor, {
        state: goneState(framework.info),
        reason: 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
        message: `Executor did not reregister within ${timeout}`,
      });
    }
  }
  finishRecovery(context);
};

/** Called whenever an executor came back or ended: the last one ends the waiting. */
export function finishRecoveryIfComplete(context: Context): void {
  const { state } = context;
  if (state.life !== 'RECOVERING' || !state.awaitsExecutors) return;
  if (liveExecutors(state).some(({ awaited }) => awaited)) return;
  finishRecovery(context);
}

function finishRecovery(context: Context): void {
  const { state, config, emit } = context;
  emit({ type: 'cancelTimer', id: 'reregister' });
  state.awaitsExecutors = false;
  if (state.drain) killAll(context, state.drain.config);
  inform(context, 'finished recovery', { agentId: state.info.id?.value });
  const agentId = state.info.id ? agentIdOf(state) : undefined;
  const target = { kind: 'otherAgents', agentId } as const;
  emit({ type: 'scheduleGc', target, fresh: false, delayMs: config.gcDelayMs });
  if (config.recover === 'cleanup') {
    state.life = 'TERMINATING';
    if (state.frameworks.size === 0) emit({ type: 'exit', status: 0 });
    return;
  }
  state.life = 'DISCONNECTED';
  emit({ type: 'detectMaster', previous: undefined });
  startOversubscription(context);
}
