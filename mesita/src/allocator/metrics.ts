import type { Agent } from './agent.ts';
import type { Framework } from './framework.ts';
import type { ResourceNames } from './quantities.ts';
import { Quantities } from './quantities.ts';
import type { Role } from './role-tree.ts';
import type { State } from './state.ts';
import { sumsOf } from './sums.ts';

type Metrics = Map<string, number>;

const CLUSTER_NAMES = ['cpus', 'mem', 'disk'];

/** Before there is anything. */
export function initialMetrics(): Metrics {
  const metrics: Metrics = new Map([['allocator/mesos/allocation_runs', 0]]);
  for (const name of CLUSTER_NAMES) {
    metrics.set(`allocator/mesos/resources/${name}/total`, 0);
    metrics.set(`allocator/mesos/resources/${name}/offered_or_allocated`, 0);
  }
  return metrics;
}

/** All gauges and counters as they stand; nothing is kept for them but what allocation needs. */
export function snapshot(state: State): Metrics {
  const metrics: Metrics = new Map([['allocator/mesos/allocation_runs', state.runs]]);
  metrics.set('allocator/mesos/event_queue_dispatches', state.agenda.waiting);
  metrics.set('allocator/event_queue_dispatches', state.agenda.waiting);
  addClusterMetrics(state, metrics);
  addConsumed(state, state.roles.root, metrics);
  const filters = countFilters(state);
  for (const role of state.roles.all())
    addRoleMetrics(state, role, filters.get(role.path) ?? 0, metrics);
  if (state.options.publishPerFrameworkMetrics) {
    for (const framework of state.completed) addSuppressed(framework, metrics);
    for (const framework of state.frameworks.values()) addSuppressed(framework, metrics);
  }
  return metrics;
}

function addClusterMetrics({ names, totals, agents }: State, metrics: Metrics): void {
  const held = new Quantities();
  for (const agent of agents.values()) addHeld(agent, names, held);
  for (const name of CLUSTER_NAMES) {
    const prefix = `allocator/mesos/resources/${name}`;
    const index = names.indexOf(name);
    metrics.set(`${prefix}/total`, totals.amounts.get(index) / 1000);
    metrics.set(`${prefix}/offered_or_allocated`, held.get(index) / 1000);
  }
}

function addHeld(agent: Agent, names: ResourceNames, held: Quantities): void {
  if (agent.sharedHeld.size > 0) {
    // Copies of a shared resource under one role are one.
    held.add(sumsOf(agent.totalHeld(), names).all);
    return;
  }
  for (const { sums } of agent.grants) held.add(sums.all);
  for (const { resources } of agent.held) {
    for (const item of resources.items) {
      if (item.type === 'SCALAR') held.addAt(names.indexOf(item.of.template.name), item.value);
    }
  }
}

/** How many filters there are, by role. */
function countFilters({ frameworks }: State): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { refusals } of frameworks.values()) {
    for (const [role, { filters }] of refusals)
      counts.set(role, (counts.get(role) ?? 0) + filters.size);
  }
  return counts;
}

function addRoleMetrics(state: State, role: Role, filters: number, metrics: Metrics): void {
  metrics.set(role.metricNames.offerFilters, filters);
  const share = role.client && state.roleSorter.shareOf(role.client);
  if (share !== undefined) metrics.set(role.metricNames.dominantShare, share);
  addConsumed(state, role, metrics);
  addQuota(state, role, metrics);
}

function addConsumed({ names }: State, role: Role, metrics: Metrics): void {
  const length = Math.max(role.launchedFree.values.length, role.reservations.values.length);
  for (let name = 0; name < length; name++) {
    const amount = role.launchedFree.get(name) + role.reservations.get(name);
    if (amount > 0) metrics.set(role.metricNames.quota(names.nameOf(name)).consumed, amount / 1000);
  }
}

function addQuota({ names, roleSorter }: State, role: Role, metrics: Metrics): void {
  const { source } = role.quota;
  if (source === undefined) return;
  const held = role.client && roleSorter.allocation(role.client);
  const heldOf = (name: string) => (held?.get(names.indexOf(name)) ?? 0) / 1000;
  for (const [name, amount] of source.guarantees) {
    const { guarantee, offered_or_allocated } = role.metricNames.quota(name);
    metrics.set(guarantee, amount / 1000);
    metrics.set(offered_or_allocated, heldOf(name));
  }
  for (const [name, amount] of source.limits) {
    const { limit, offered_or_allocated } = role.metricNames.quota(name);
    metrics.set(limit, amount / 1000);
    metrics.set(offered_or_allocated, heldOf(name));
  }
}

function addSuppressed({ id, info, roles, suppressed }: Framework, metrics: Metrics): void {
  const prefix = `master/frameworks/${encodeURIComponent(info.name)}/${id}/roles`;
  for (const role of roles)
    metrics.set(`${prefix}/${role}/suppressed`, suppressed.has(role) ? 1 : 0);
}
