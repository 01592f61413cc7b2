import { err, type Logger, ok, type Result } from '@mesita/sdk/base';
import type { QoSController, ResourceEstimator, Usage } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { Resource, ResourceUsage } from '@mesita/sdk/types';
import type { Containerizer } from '../../containerizer/containerizer.ts';
import type { AgentEvent } from '../core/events.ts';
import { allocatedResources } from '../core/resources.ts';
import type { AgentState, Executor } from '../core/state.ts';

/** Who decides what is lent, and what is taken back. */
export interface Oversubscription {
  readonly estimator: ResourceEstimator;
  readonly controller: QoSController;
}

/** Nothing is lent, so nothing is ever taken back. What an agent does unless told otherwise. */
export const noOversubscription: Oversubscription = {
  estimator: { initialize() {}, oversubscribable: () => Resources.empty },
  controller: { initialize() {}, corrections: () => new Promise(() => {}) },
};

/** Rejects with the text to leave with. */
export async function initializeOversubscription(
  { estimator, controller }: Oversubscription,
  usage: Usage,
): Promise<void> {
  const initialize = async (what: string, module: ResourceEstimator | QoSController) => {
    try {
      await module.initialize(usage);
    } catch (error) {
      throw new Error(`Failed to initialize the ${what}: ${(error as Error).message}`);
    }
  };
  await initialize('resource estimator', estimator);
  await initialize('QoS Controller', controller);
}

/** Questions to modules end in exactly one event, be it an error. */
export function oversubscriptionPerformers(
  { estimator, controller }: Oversubscription,
  post: (event: AgentEvent) => void,
) {
  async function estimate(): Promise<readonly Resource[]> {
    const lendable = await estimator.oversubscribable();
    if (lendable.nonRevocable().isEmpty) return lendable.toMessages();
    throw new Error(`resources that are not revocable: ${lendable.nonRevocable()}`);
  }

  return {
    estimateOversubscribable: () =>
      void settle(estimate).then((result) => post({ type: 'OversubscribableEstimated', result })),
    awaitCorrections: () =>
      void settle(async () => controller.corrections()).then((result) =>
        post({ type: 'CorrectionsMade', result }),
      ),
  };
}

async function settle<T>(ask: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await ask());
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** What modules are told of the agent: every executor that runs, and what its container uses. */
export function createUsage(
  state: AgentState,
  containerizer: Pick<Containerizer, 'usage'>,
  log: Logger,
): () => Promise<ResourceUsage> {
  async function describe(executor: Executor): Promise<ResourceUsage.Executor> {
    const containerId = { value: executor.container };
    const statistics = await containerizer.usage(containerId).catch((error: unknown) => {
      log.warn('cannot get statistics of an executor', { executorId: executor.id, error });
      return undefined;
    });
    return { ...describeAllocation(executor), containerId, ...(statistics && { statistics }) };
  }

  return async () => {
    const live = [...state.frameworks.values()]
      .flatMap(({ executors }) => [...executors.values()])
      .filter(({ life }) => life !== 'TERMINATED');
    return { executors: await Promise.all(live.map(describe)), total: [...state.resources] };
  };
}

function describeAllocation(
  executor: Executor,
): Pick<ResourceUsage.Executor, 'executorInfo' | 'allocated' | 'tasks'> {
  const { info, queuedTasks, launchedTasks } = executor;
  const executorInfo = { ...info, frameworkId: { value: executor.frameworkId } };
  const tasks = [...queuedTasks.values(), ...launchedTasks.values()];
  return {
    executorInfo,
    allocated: allocatedResources(executor),
    tasks: tasks.map(({ name, taskId, resources, labels }) => ({
      name,
      id: taskId,
      resources,
      ...(labels && { labels }),
    })),
  };
}
