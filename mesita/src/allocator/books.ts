import type { Item } from '@mesita/sdk/resources';
import { Resources } from '@mesita/sdk/resources';
import type { Agent } from './agent.ts';
import type { Framework } from './framework.ts';
import { Subscription } from './framework.ts';
import { Quantities } from './quantities.ts';
import type { State } from './state.ts';
import type { Sums } from './sums.ts';
import { addTo, isFreeItem, sumsOf } from './sums.ts';

/** Puts a framework under a role, inactive; the first one makes the role take part in allocation. */
export function subscribe(state: State, framework: Framework, path: string): Subscription {
  const known = framework.subscriptions.get(path);
  if (known !== undefined) return known;
  const role = state.roles.getOrAdd(path);
  if (role.client === undefined) {
    role.sorter = state.frameworkSorter();
    role.client = state.roleSorter.add(path, role);
    state.roleSorter.setIdle(role.client, true);
    state.roleSorter.activate(role.client);
  }
  const subscription = new Subscription(framework, role);
  framework.subscriptions.set(path, subscription);
  role.subscriptions.set(framework.id, subscription);
  return subscription;
}

export function setActive(state: State, subscription: Subscription, isActive: boolean): void {
  if (subscription.isActive === isActive) return;
  subscription.isActive = isActive;
  const { role, client } = subscription;
  role.active += isActive ? 1 : -1;
  if (isActive) role.sorter?.activate(client);
  else role.sorter?.deactivate(client);
  if (role.client !== undefined) state.roleSorter.setIdle(role.client, role.active === 0);
}

/** Only when it holds nothing there. */
export function tryUnsubscribe(state: State, subscription: Subscription): boolean {
  if (subscription.agents > 0) return false;
  setActive(state, subscription, false);
  const { role, framework } = subscription;
  framework.subscriptions.delete(role.path);
  role.subscriptions.delete(framework.id);
  role.sorter?.remove(subscription.client);
  if (role.subscriptions.size === 0 && role.client !== undefined) {
    state.roleSorter.remove(role.client);
    role.client = undefined;
    role.sorter = undefined;
  }
  state.roles.prune(role);
  return true;
}

/** Charges resources to the framework under the roles they are allocated to. */
export function charge(
  state: State,
  agent: Agent,
  framework: Framework,
  resources: Resources,
): void {
  for (const [path, part] of byRole(resources))
    chargeRole(state, agent, subscribe(state, framework, path), part);
}

export function chargeRole(
  state: State,
  agent: Agent,
  subscription: Subscription,
  resources: Resources,
): void {
  const before = agent.tracked.get(subscription);
  if (before === undefined) subscription.agents++;
  const sums = sumsOf(resources, state.names);
  const ofRole = sums.hasShared
    ? withoutShared(state, sums, resources, heldUnder(agent, subscription))
    : sums;
  const own = sums.hasShared
    ? withoutShared(state, sums, resources, before ?? Resources.empty)
    : sums;
  agent.tracked.set(subscription, before === undefined ? resources : before.add(resources));
  const { role, client } = subscription;
  state.roles.charge(role, ofRole);
  if (role.client !== undefined) state.roleSorter.allocated(role.client, ofRole.all);
  role.sorter?.allocated(client, own.all);
}

export function release(
  state: State,
  agent: Agent,
  framework: Framework,
  resources: Resources,
): void {
  for (const [path, part] of byRole(resources)) {
    const subscription = framework.subscriptions.get(path);
    if (subscription !== undefined) releaseRole(state, agent, subscription, part);
  }
}

function releaseRole(
  state: State,
  agent: Agent,
  subscription: Subscription,
  resources: Resources,
): void {
  const before = agent.tracked.get(subscription);
  if (before === undefined) return;
  const left = before.subtract(resources);
  if (left.isEmpty) {
    agent.tracked.delete(subscription);
    subscription.agents--;
  } else {
    agent.tracked.set(subscription, left);
  }
  const sums = sumsOf(resources, state.names);
  const ofRole = sums.hasShared
    ? withoutShared(state, sums, resources, heldUnder(agent, subscription))
    : sums;
  const own = sums.hasShared ? withoutShared(state, sums, resources, left) : sums;
  const { role, client, framework } = subscription;
  state.roles.release(role, ofRole);
  role.sorter?.unallocated(client, own.all);
  if (role.client !== undefined) state.roleSorter.unallocated(role.client, ofRole.all);
  if (!framework.roles.has(role.path)) tryUnsubscribe(state, subscription);
}

/** What the role has on the agent, through whichever framework. */
function heldUnder(agent: Agent, { role }: Subscription): Resources {
  const parts: Resources[] = [];
  for (const [other, resources] of agent.tracked) if (other.role === role) parts.push(resources);
  return Resources.sum(parts);
}

/** A shared resource counts while one copy is there: the second one adds, and takes, nothing. */
function withoutShared(state: State, sums: Sums, resources: Resources, there: Resources): Sums {
  let rest = sums;
  for (const item of resources.items) {
    if (!item.of.isShared || !there.contains(Resources.ofItems([{ ...item, copies: 1 } as Item])))
      continue;
    if (rest === sums) rest = sumsOf(resources, state.names);
    addTo(rest, item, state.names, -1);
  }
  return rest;
}

/** Exchanges what an operation converted; not a new allocation. */
export function exchange(
  state: State,
  agent: Agent,
  subscription: Subscription,
  before: Resources,
  after: Resources,
): void {
  const there = heldUnder(agent, subscription);
  const oldSums = sumsOf(before, state.names);
  const newSums = sumsOf(after, state.names);
  const { role, client } = subscription;
  const left = (agent.tracked.get(subscription) ?? Resources.empty).subtract(before);
  const rest = there.subtract(before);
  state.roles.release(
    role,
    oldSums.hasShared ? withoutShared(state, oldSums, before, rest) : oldSums,
  );
  state.roles.charge(
    role,
    newSums.hasShared ? withoutShared(state, newSums, after, rest) : newSums,
  );
  const now = left.add(after);
  if (now.isEmpty) {
    agent.tracked.delete(subscription);
    subscription.agents--;
  } else {
    agent.tracked.set(subscription, now);
  }
  role.sorter?.update(client, oldSums.all, newSums.all);
  if (role.client !== undefined) state.roleSorter.update(role.client, oldSums.all, newSums.all);
}

export function trackLaunched(state: State, resources: Resources): void {
  for (const [role, amounts] of freeByRole(state, resources)) {
    const known = state.roles.get(role);
    if (known !== undefined) state.roles.launched(known, amounts);
  }
}

export function untrackLaunched(state: State, resources: Resources): void {
  for (const [role, amounts] of freeByRole(state, resources)) {
    const known = state.roles.get(role);
    if (known !== undefined) state.roles.ended(known, amounts);
  }
}

function freeByRole(state: State, resources: Resources): Map<string, Quantities> {
  const amounts = new Map<string, Quantities>();
  for (const item of resources.items) {
    if (item.type !== 'SCALAR' || !isFreeItem(item)) continue;
    const role = item.of.template.allocationInfo?.role ?? '*';
    const sum = amounts.get(role) ?? new Quantities();
    sum.addAt(state.names.indexOf(item.of.template.name), item.value);
    amounts.set(role, sum);
  }
  return amounts;
}

function byRole(resources: Resources): Iterable<[string, Resources]> {
  const role = singleRoleOf(resources);
  return role === undefined ? resources.allocations() : [[role, resources]];
}

/** The one role that everything is allocated to. */
export function singleRoleOf(resources: Resources): string | undefined {
  const role = resources.items[0]?.of.template.allocationInfo?.role;
  return resources.items.every((item) => item.of.template.allocationInfo?.role === role)
    ? role
    : undefined;
}
