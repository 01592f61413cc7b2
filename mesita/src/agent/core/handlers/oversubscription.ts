import type { ContainerIdText, ExecutorId, FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { QoSCorrection } from '@mesita/sdk/types/containerizer';
import { type Context, type Handler, inform, runOf, warn } from '../context.ts';
import { destroyExecutor } from '../executor-life.ts';
import { sendOversubscribed } from '../report.ts';
import { allocatedResources } from '../resources.ts';
import type { AgentState, Executor } from '../state.ts';
import { goneState } from '../task.ts';

/** A controller that had nothing to say is not asked again at once, whatever the flag says. */
const LEAST_PAUSE_MS = 1000;

/** Once recovery is over: what is lent depends on what runs. */
export function startOversubscription({ config, emit }: Context): void {
  if (!config.oversubscription) return;
  emit({ type: 'estimateOversubscribable' });
  emit({ type: 'awaitCorrections' });
}

export const oversubscriptionDue: Handler<'OversubscriptionDue'> = ({ emit }) =>
  emit({ type: 'estimateOversubscribable' });

export const correctionsDue: Handler<'CorrectionsDue'> = ({ emit }) =>
  emit({ type: 'awaitCorrections' });

/**
 * What the agent lends is what the estimator would lend now and what is lent already: the master
 * subtracts the latter again.
 */
export const oversubscribableEstimated: Handler<'OversubscribableEstimated'> = (
  context,
  { result },
) => {
  const { state, config, emit } = context;
  emit({
    type: 'setTimer',
    id: 'oversubscription',
    delayMs: config.oversubscription?.estimateIntervalMs ?? 0,
    then: { type: 'OversubscriptionDue' },
  });
  if (!result.ok) {
    warn(context, 'failed to get oversubscribable resources', { error: result.error });
    return;
  }
  const total = Resources.of(result.value).add(lentResources(state));
  if (state.oversubscribed?.equals(total)) return;
  state.oversubscribed = total;
  if (state.life !== 'RUNNING') return;
  inform(context, 'forwarding oversubscribed resources', { resources: String(total) });
  sendOversubscribed(context);
};

function lentResources(state: AgentState): Resources {
  const executors = [...state.frameworks.values()].flatMap((it) => [...it.executors.values()]);
  return Resources.of(executors.flatMap(allocatedResources)).revocable().unallocate();
}

export const correctionsMade: Handler<'CorrectionsMade'> = (context, { result }) => {
  const { state, config, emit } = context;
  const isIdle = !result.ok || result.value.length === 0;
  const interval = config.oversubscription?.correctionIntervalMs ?? 0;
  emit({
    type: 'setTimer',
    id: 'corrections',
    delayMs: isIdle ? Math.max(interval, LEAST_PAUSE_MS) : interval,
    then: { type: 'CorrectionsDue' },
  });
  if (state.life === 'RECOVERING' || state.life === 'TERMINATING') {
    warn(context, 'cannot perform QoS corrections now', { life: state.life });
    return;
  }
  if (!result.ok) {
    warn(context, 'failed to get corrections from the QoS controller', { error: result.error });
    return;
  }
  for (const correction of result.value) correct(context, correction);
};

function correct(context: Context, { kill }: QoSCorrection): void {
  const target = findTarget(context.state, kill ?? {});
  if (typeof target === 'string') {
    warn(context, `ignoring QoS correction: ${target}`, { ...describe(kill ?? {}) });
    return;
  }
  const { framework, executor } = target;
  inform(context, 'killing container as QoS correction', runOf(executor));
  context.state.counters.executors_preempted++;
  destroyExecutor(context, executor, {
    state: goneState(framework.info),
    reason: 'REASON_CONTAINER_PREEMPTED',
    message: 'Container preempted by QoS correction',
  });
}

/** The live executor that is meant, or why there is none. */
function findTarget(state: AgentState, kill: QoSCorrection.Kill) {
  if (!kill.frameworkId) return 'framework id not specified';
  if (!kill.executorId) return 'executor id not specified';
  const framework = state.frameworks.get(kill.frameworkId.value as FrameworkId);
  if (!framework) return 'framework cannot be found';
  if (framework.life === 'TERMINATING') return 'framework is terminating';
  const executor = framework.executors.get(kill.executorId.value as ExecutorId);
  if (!executor) return 'executor cannot be found';
  if (!isMeant(executor, kill)) return 'executor runs in another container';
  if (executor.life === 'TERMINATING' || executor.life === 'TERMINATED') {
    return `executor is ${executor.life.toLowerCase()}`;
  }
  return { framework, executor };
}

/** One of the same id may have started since the controller looked. */
function isMeant({ container }: Executor, { containerId }: QoSCorrection.Kill): boolean {
  return containerId === undefined || (containerId.value as ContainerIdText) === container;
}

function describe({ frameworkId, executorId, containerId }: QoSCorrection.Kill) {
  return {
    frameworkId: frameworkId?.value,
    executorId: executorId?.value,
    container: containerId?.value,
  };
}
