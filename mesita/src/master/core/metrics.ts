import type { Instant } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { TaskState } from '@mesita/sdk/types';
import type { Framework } from './framework.ts';
import { isConnected } from './framework.ts';
import {
  counterNames,
  frameworkCounterNames,
  operationStates,
  operationTypes,
} from './metric-names.ts';
import type { MasterState } from './state.ts';

/**
 * What the books say in numbers, under Mesos' names: counters kept by the handlers, gauges made
 * from the books of the moment.
 */
export function masterMetrics(
  state: MasterState,
  now: Instant,
  perFramework = true,
): Map<string, number> {
  const metrics = new Map<string, number>();
  for (const name of counterNames) metrics.set(`master/${name}`, 0);
  for (const [name, value] of state.counters) metrics.set(name, value);
  const gauge = (name: string, value: number) => metrics.set(`master/${name}`, value);
  gauge('uptime_secs', Math.max(0, now - state.startedAt) / 1000);
  gauge('elected', state.electedAt === undefined ? 0 : 1);
  gauge('outstanding_offers', state.offers.size);
  agentGauges(state, gauge);
  frameworkGauges(state, gauge);
  taskGauges(state, gauge);
  operationGauges(state, gauge);
  for (const name of ['cpus', 'gpus', 'mem', 'disk']) resourceGauges(state, name, gauge);
  if (!perFramework) return metrics;
  const { registered, completed } = state.frameworks;
  for (const framework of [...registered.values(), ...completed.values()]) {
    frameworkMetrics(framework, metrics);
  }
  return metrics;
}

type Gauge = (name: string, value: number) => void;

function agentGauges(state: MasterState, gauge: Gauge): void {
  const agents = [...state.agents.registered.values()];
  const connected = agents.filter((agent) => agent.connected).length;
  const active = agents.filter((agent) => agent.active).length;
  gauge('slaves_connected', connected);
  gauge('slaves_disconnected', agents.length - connected);
  gauge('slaves_active', active);
  gauge('slaves_inactive', agents.length - active);
  gauge('slaves_unreachable', state.agents.unreachable.size);
}

function frameworkGauges(state: MasterState, gauge: Gauge): void {
  const frameworks = [...state.frameworks.registered.values()];
  const connected = frameworks.filter(isConnected).length;
  const active = frameworks.filter((framework) => framework.active).length;
  gauge('frameworks_connected', connected);
  gauge('frameworks_disconnected', frameworks.length - connected);
  gauge('frameworks_active', active);
  gauge('frameworks_inactive', frameworks.length - active);
}

const activeStates: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
];

function taskGauges(state: MasterState, gauge: Gauge): void {
  const counts = new Map<TaskState, number>();
  for (const agent of state.agents.registered.values()) {
    for (const tasks of agent.tasks.values()) {
      for (const { task } of tasks.values())
        counts.set(task.state, (counts.get(task.state) ?? 0) + 1);
    }
  }
  for (const taskState of activeStates) {
    gauge(taskState.toLowerCase().replace('task_', 'tasks_'), counts.get(taskState) ?? 0);
  }
  let unreachable = 0;
  for (const framework of state.frameworks.registered.values()) {
    unreachable += framework.unreachableTasks.size;
  }
  gauge('tasks_unreachable', unreachable);
}

/** Kept like counters, because ended operations stay counted. */
function operationGauges(state: MasterState, gauge: Gauge): void {
  for (const type of ['', ...operationTypes]) {
    for (const last of [...operationStates, 'total']) {
      const name = ['operations', type, last].filter((part) => part !== '').join('/');
      gauge(name, state.counters.get(`master/${name}`) ?? 0);
    }
  }
}

function resourceGauges(state: MasterState, name: string, gauge: Gauge): void {
  const sums = { total: 0, used: 0, revocableTotal: 0, revocableUsed: 0 };
  const add = (
    resources: Resources,
    total: 'total' | 'used',
    revocable: 'revocableTotal' | 'revocableUsed',
  ) => {
    const named = resources.named(name);
    sums[total] += named.nonRevocable().thousandths(name);
    sums[revocable] += named.revocable().thousandths(name);
  };
  for (const agent of state.agents.registered.values()) {
    add(agent.total, 'total', 'revocableTotal');
    for (const used of agent.used.values()) add(used, 'used', 'revocableUsed');
  }
  const share = (used: number, total: number) => (total === 0 ? 0 : used / total);
  gauge(`${name}_total`, sums.total / 1000);
  gauge(`${name}_used`, sums.used / 1000);
  gauge(`${name}_percent`, share(sums.used, sums.total));
  gauge(`${name}_revocable_total`, sums.revocableTotal / 1000);
  gauge(`${name}_revocable_used`, sums.revocableUsed / 1000);
  gauge(`${name}_revocable_percent`, share(sums.revocableUsed, sums.revocableTotal));
}

function frameworkMetrics(framework: Framework, metrics: Map<string, number>): void {
  const prefix = `master/frameworks/${encodeURIComponent(framework.info.name)}/${framework.id}`;
  const set = (name: string, value: number) => metrics.set(`${prefix}/${name}`, value);
  for (const name of frameworkCounterNames) set(name, 0);
  for (const [name, value] of framework.counters) set(name, value);
  set('subscribed', isConnected(framework) ? 1 : 0);
  for (const role of framework.roles) {
    set(`roles/${role}/suppressed`, framework.suppressedRoles.has(role) ? 1 : 0);
  }
  for (const { task } of framework.tasks.values()) {
    const name = `${prefix}/tasks/active/${task.state.toLowerCase()}`;
    if (metrics.has(name)) metrics.set(name, (metrics.get(name) ?? 0) + 1);
  }
  set('tasks/active/task_unreachable', framework.unreachableTasks.size);
}
