import { Resources } from '@mesita/sdk/resources';
import type { Agent, Grant } from './agent.ts';
import { byRole } from './agent.ts';
import type { Framework, Subscription } from './framework.ts';
import { Quantities } from './quantities.ts';
import type { State } from './state.ts';
import { subscribe, tryUnsubscribe } from './subscriptions.ts';
import type { Sums } from './sums.ts';
import { addTo, isFreeItem, sumsOf } from './sums.ts';

/** Charges what the agent newly holds for the framework, under the roles it is allocated to. */
export function charge(
  state: State,
  agent: Agent,
  framework: Framework,
  resources: Resources,
): void {
  for (const [path, part] of byRole(resources)) {
    const subscription = subscribe(state, framework, path);
    subscription.agents.add(agent);
    chargeRole(state, agent, subscription, part);
  }
}

function chargeRole(
  state: State,
  agent: Agent,
  subscription: Subscription,
  resources: Resources,
): void {
  const sums = sumsOf(resources, state.names);
  if (!sums.hasShared) {
    chargeSums(state, subscription, sums, sums.all);
    return;
  }
  const ofRole = withoutHeld(state, sums, resources, sharedUnder(agent, subscription));
  const before = agent.sharedHeld.get(subscription) ?? Resources.empty;
  const own = withoutHeld(state, sums, resources, before);
  agent.sharedHeld.set(subscription, before.add(resources.shared()));
  chargeSums(state, subscription, ofRole, own.all);
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
  if (agent.heldUnder(framework.id, path).isEmpty) subscription.agents.delete(agent);
  const sums = sumsOf(resources, state.names);
  if (!sums.hasShared) {
    releaseSums(state, subscription, sums, sums.all);
    return;
  }
  const left = (agent.sharedHeld.get(subscription) ?? Resources.empty).subtract(resources.shared());
  if (left.isEmpty) agent.sharedHeld.delete(subscription);
  else agent.sharedHeld.set(subscription, left);
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
  let rest = sums;
  for (const item of resources.items) {
    if (!item.of.isShared || !held.contains(Resources.ofItems([{ ...item, copies: 1 }]))) continue;
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
  const oldSums = sumsOf(before, state.names);
  const newSums = sumsOf(after, state.names);
  const { role, client, framework } = subscription;
  if (agent.heldUnder(framework.id, role.path).isEmpty) subscription.agents.delete(agent);
  const own = (agent.sharedHeld.get(subscription) ?? Resources.empty).subtract(before.shared());
  agent.sharedHeld.set(subscription, own);
  const others = sharedUnder(agent, subscription);
  state.roles.release(role, withoutHeld(state, oldSums, before, others));
  state.roles.charge(role, withoutHeld(state, newSums, after, others));
  const left = own.add(after.shared());
  if (left.isEmpty) agent.sharedHeld.delete(subscription);
  else agent.sharedHeld.set(subscription, left);
  // Sorters do not look for other copies here, as Mesos' do not.
  role.sorter?.update(client, oldSums.all, newSums.all);
  if (role.client !== undefined) state.roleSorter.update(role.client, oldSums.all, newSums.all);
  if (state.roles.hasQuotas) state.demand++;
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
    let sum = amounts.get(role);
    if (sum === undefined) {
      sum = new Quantities();
      amounts.set(role, sum);
    }
    sum.addAt(state.names.indexOf(item.of.template.name), item.value);
  }
  return amounts;
}
