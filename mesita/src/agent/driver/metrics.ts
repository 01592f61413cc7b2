import type { Clock } from '@mesita/sdk/base';
import { isRevocable, Resources } from '@mesita/sdk/resources';
import type { TaskState } from '@mesita/sdk/types';
import type { Metrics } from '../../net/metrics.ts';
import { allocatedResources } from '../core/resources.ts';
import type { AgentState, Executor } from '../core/state.ts';
import {
  type CollectionPolicy,
  diskUsed,
  type GarbageCollector,
  maxAllowedAge,
} from './garbage.ts';

interface AgentMetricsOptions {
  readonly metrics: Metrics;
  readonly state: AgentState;
  readonly workDir: string;
  readonly collection: CollectionPolicy;
  readonly garbage: Pick<GarbageCollector, 'removals'>;
  readonly clock: Clock;
  /** Undefined until recovery ended. */
  readonly recoveryMs: () => number | undefined;
}

const taskStates = {
  tasks_staging: 'TASK_STAGING',
  tasks_starting: 'TASK_STARTING',
  tasks_running: 'TASK_RUNNING',
  tasks_killing: 'TASK_KILLING',
} as const satisfies Record<string, TaskState>;

const executorLives = {
  executors_registering: 'REGISTERING',
  executors_running: 'RUNNING',
  executors_terminating: 'TERMINATING',
} as const satisfies Record<string, Executor['life']>;

/** Names under which operators know the agent's state; each is read from it when somebody asks. */
export function declareAgentMetrics(options: AgentMetricsOptions): void {
  const { metrics, state, clock } = options;
  const startedAt = clock.now();
  const gauge = (name: string, read: () => number | Promise<number>) =>
    metrics.gauge(`slave/${name}`, read);
  for (const fate of ['pending', 'succeeded', 'failed'] as const) {
    metrics.gauge(`gc/path_removals_${fate}`, () => options.garbage.removals[fate]);
  }
  gauge('uptime_secs', () => (clock.now() - startedAt) / 1000);
  gauge('registered', () => (state.life === 'RUNNING' ? 1 : 0));
  gauge('frameworks_active', () => state.frameworks.size);
  gauge('recovery_time_secs', () => {
    const took = options.recoveryMs();
    if (took === undefined) throw new Error('recovery has not ended');
    return took / 1000;
  });
  gauge('executor_directory_max_allowed_age_secs', async () => {
    return maxAllowedAge(options.collection, await diskUsed(options.workDir)) / 1000;
  });
  for (const name of Object.keys(state.counters) as (keyof typeof state.counters)[]) {
    gauge(name, () => state.counters[name]);
  }
  for (const [name, wanted] of Object.entries(taskStates)) {
    gauge(name, () => countTasks(state, wanted));
  }
  for (const [name, wanted] of Object.entries(executorLives)) {
    gauge(name, () => executorsOf(state).filter(({ life }) => life === wanted).length);
  }
  for (const resource of ['cpus', 'gpus', 'mem', 'disk']) {
    declareResource(gauge, state, resource, false);
    declareResource(gauge, state, resource, true);
  }
}

function declareResource(
  gauge: (name: string, read: () => number) => void,
  state: AgentState,
  resource: string,
  revocable: boolean,
): void {
  const prefix = revocable ? `${resource}_revocable` : resource;
  const amount = (all: Resources) =>
    all.filter((one) => isRevocable(one) === revocable).scalar(resource);
  const total = () =>
    revocable ? (state.oversubscribed?.scalar(resource) ?? 0) : amount(state.resources);
  const used = () => amount(Resources.of(executorsOf(state).flatMap(allocatedResources)));
  gauge(`${prefix}_total`, total);
  gauge(`${prefix}_used`, used);
  gauge(`${prefix}_percent`, () => {
    const all = total();
    return all === 0 ? 0 : used() / all;
  });
}

function executorsOf(state: AgentState): readonly Executor[] {
  return [...state.frameworks.values()].flatMap(({ executors }) => [...executors.values()]);
}

function countTasks(state: AgentState, wanted: TaskState): number {
  let count = 0;
  for (const { queuedTasks, launchedTasks } of executorsOf(state)) {
    if (wanted === 'TASK_STAGING') count += queuedTasks.size;
    for (const task of launchedTasks.values()) if (task.state === wanted) count++;
  }
  return count;
}
