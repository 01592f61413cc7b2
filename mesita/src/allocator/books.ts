import type { Item } from '@mesita/sdk/resources';
import { Resources } from '@mesita/sdk/resources';
import type { Agent, Grant } from './agent.ts';
import type { Framework, Subscription } from './framework.ts';
import { byRole } from './holdings.ts';
import type { Quantities } from './quantities.ts';
import type { State } from './state.ts';
import { subscribe, tryUnsubscribe } from './subscriptions.ts';
import type { Sums } from './sums.ts';
import { sumsOfItems } from './sums.ts';

/** Charges what the agent newly holds for the framework, under the roles it is allocated to. */
export function charge(
  state: State,
  agent: Agent,
  framework: Framework,
  resources: Resources,
  isLaunched = false,
): void {
  for (const [path, part] of byRole(resources)) {
    const subscription = subscribe(state, framework, path);
    subscription.agents.add(agent);
    const sums = chargeRole(state, agent, subscription, part);
    if (isLaunched) state.roles.launched(subscription.role, sums.free);
  }
}

function chargeRole(
  state: State,
  agent: Agent,
  subscription: Subscription,
  resources: Resources,
): Sums {
  const { sums } = state.known.find(resources);
  if (!sums.hasShared) {
    chargeSums(state, subscription, sums, sums.all);
    return sums;
  }
  const ofRole = withoutHeld(state, sums, resources, sharedUnder(agent, subscription));
  const before = agent.sharedHeld.get(subscription) ?? Resources.empty;
  const own = withoutHeld(state, sums, resources, before);
  agent.setSharedHeld(subscription, before.add(resources.shared()));
  chargeSums(state, subscription, ofRole, own.all);
  return sums;
}

/** Takes the sums of an offer that was just made. */
export function chargeGrant(state: State, { subscription, sums }: Grant): void {
  chargeSums(state, subscription, sums, sums.all);
}

function chargeSums(
  state: State,
  { role, client }: Subscription,
  ofRole: Sums,
  own: Quantities,
): void {
  state.roles.charge(role, ofRole);
  if (role.client !== undefined) state.roleSorter.allocated(role.client, ofRole.all);
  role.sorter?.allocated(client, own);
}

/** Takes back what the agent no longer holds for the framework. */
export function release(
  state: State,
  agent: Agent,
  framework: Framework,
  path: string,
  resources: Resources,
): void {
  const subscription = framework.subscriptions.get(path);
  if (subscription === undefined) return;
  if (agent.held.get(framework.id, path).isEmpty) subscription.agents.delete(agent);
  const { sums } = state.known.find(resources);
  if (!sums.hasShared) {
    releaseSums(state, subscription, sums, sums.all);
    return;
  }
  const left = (agent.sharedHeld.get(subscription) ?? Resources.empty).subtract(resources.shared());
  agent.setSharedHeld(subscription, left);
  const ofRole = withoutHeld(state, sums, resources, sharedUnder(agent, subscription));
  releaseSums(state, subscription, ofRole, withoutHeld(state, sums, resources, left).all);
}

export function releaseGrant(state: State, { subscription, sums }: Grant): void {
  releaseSums(state, subscription, sums, sums.all);
}

function releaseSums(
  state: State,
  subscription: Subscription,
  ofRole: Sums,
  own: Quantities,
): void {
  const { role, client, framework } = subscription;
  state.roles.release(role, ofRole);
  role.sorter?.unallocated(client, own);
  if (role.client !== undefined) state.roleSorter.unallocated(role.client, ofRole.all);
  // What comes back can be given to somebody who lacked it for the sake of a guarantee or a limit.
  if (state.roles.hasQuotas) state.demand++;
  if (!framework.roles.has(role.path)) tryUnsubscribe(state, subscription);
}

/** Shared resources that the role has on the agent, through whichever framework. */
function sharedUnder(agent: Agent, { role }: Subscription): Resources {
  const parts: Resources[] = [];
  for (const [other, shared] of agent.sharedHeld) if (other.role === role) parts.push(shared);
  return Resources.sum(parts);
}

/** A shared resource counts while one copy is there: the second one adds, and takes, nothing. */
function withoutHeld(state: State, sums: Sums, resources: Resources, held: Resources): Sums {
  const isThere = (item: Item) =>
    item.of.isShared && held.contains(Resources.ofItems([{ ...item, copies: 1 }]));
  if (!resources.items.some(isThere)) return sums;
  return sumsOfItems(
    resources.items.filter((item) => !isThere(item)),
    state.names,
  );
}

/** Exchanges what an operation converted; not a new allocation. */
export function exchange(
  state: State,
  agent: Agent,
  subscription: Subscription,
  before: Resources,
  after: Resources,
): void {
  const oldSums = state.known.find(before).sums;
  const newSums = state.known.find(after).sums;
  const { role, client, framework } = subscription;
  if (agent.held.get(framework.id, role.path).isEmpty) subscription.agents.delete(agent);
  if (oldSums.hasShared || newSums.hasShared) {
    const own = (agent.sharedHeld.get(subscription) ?? Resources.empty).subtract(before.shared());
    agent.setSharedHeld(subscription, own);
    const others = sharedUnder(agent, subscription);
    state.roles.release(role, withoutHeld(state, oldSums, before, others));
    state.roles.charge(role, withoutHeld(state, newSums, after, others));
    agent.setSharedHeld(subscription, own.add(after.shared()));
  } else {
    state.roles.release(role, oldSums);
    state.roles.charge(role, newSums);
  }
  // Sorters do not look for other copies here, as Mesos' do not.
  role.sorter?.update(client, oldSums.all, newSums.all);
  if (role.client !== undefined) state.roleSorter.update(role.client, oldSums.all, newSums.all);
  if (state.roles.hasQuotas) state.demand++;
}

export function trackLaunched(state: State, resources: Resources): void {
  for (const [path, part] of byRole(resources)) {
    const role = state.roles.get(path);
    if (role !== undefined) state.roles.launched(role, state.known.find(part).sums.free);
  }
}

export function untrackLaunched(state: State, resources: Resources): void {
  for (const [path, part] of byRole(resources)) {
    const role = state.roles.get(path);
    if (role !== undefined) state.roles.ended(role, state.known.find(part).sums.free);
  }
}
