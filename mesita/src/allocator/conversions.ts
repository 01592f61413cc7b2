import type { Result } from '@mesita/sdk/base';
import { err, ok } from '@mesita/sdk/base';
import type { ResourceConversion } from '@mesita/sdk/module';
import type { Item } from '@mesita/sdk/resources';
import { Resources, unallocateConversion } from '@mesita/sdk/resources';
import type { Offer } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import { changeTotal, setTotal } from './agents.ts';
import { exchange } from './books.ts';
import type { Framework } from './framework.ts';
import { singleRoleOf } from './holdings.ts';
import type { State } from './state.ts';

/** Makes of an offered part what an operation made of it; an error when that part is not held. */
export function updateAllocation(
  state: State,
  agent: Agent,
  framework: Framework,
  offered: Resources,
  conversions: readonly ResourceConversion[],
): Result<void> {
  const role = singleRoleOf(offered);
  const subscription = role === undefined ? undefined : framework.subscriptions.get(role);
  if (subscription === undefined)
    return err('resources are not allocated to one role of the framework');
  agent.fold();
  if (role === undefined || !agent.held.get(framework.id, role).contains(offered)) {
    return err('the framework does not hold these resources');
  }
  const updated = offered.convert(conversions);
  if (!updated.ok) return updated;
  const changed = conversionsOfTotal(conversions);
  const touched = new Touched(agent, changed);
  const total = touched.total.convert(changed);
  if (!total.ok) return total;
  const after = state.known.find(Resources.ofItems([...touched.rest, ...total.value.items]));
  agent.convert(framework.id, role, offered, updated.value, after, !touched.isExact);
  exchange(state, agent, subscription, offered, updated.value);
  changeTotal(state, state.known.find(touched.total), state.known.find(total.value));
  return ok(undefined);
}

/** The part of an agent that conversions can have an effect on: an agent may have a thousand reservations. */
class Touched {
  readonly total: Resources;
  readonly rest: readonly Item[];
  /** Whether no more is held than there is, and nothing is shared: then nothing becomes available. */
  readonly isExact: boolean;

  constructor(agent: Agent, conversions: readonly ResourceConversion[]) {
    const keys = new Set<string>();
    for (const { consumed, converted } of conversions) {
      for (const { of } of consumed.items) keys.add(of.key);
      for (const { of } of converted.items) keys.add(of.key);
    }
    const { items } = agent.total.resources;
    this.total = Resources.ofItems(items.filter(({ of }) => keys.has(of.key)));
    this.rest = items.filter(({ of }) => !keys.has(of.key));
    const held: Item[] = [];
    for (const { resources } of agent.held) {
      for (const item of resources.items) if (keys.has(item.of.free.key)) held.push(item);
    }
    const isShared =
      items.some(({ of }) => of.isShared) ||
      conversions.some(({ converted }) => !converted.shared().isEmpty);
    this.isExact =
      !isShared &&
      this.total.contains(
        Resources.sum(held.map((item) => Resources.ofItems([item]).unallocate())),
      );
  }
}

/** Totals know no allocation, and one copy of what is shared: more copies are made of nothing. */
function conversionsOfTotal(conversions: readonly ResourceConversion[]): ResourceConversion[] {
  return conversions.filter(({ consumed }) => !consumed.isEmpty).map(unallocateConversion);
}

export function updateAvailable(
  state: State,
  agent: Agent,
  operations: readonly Offer.Operation[],
): Result<void> {
  let available = agent.available;
  let total = agent.total.resources;
  for (const operation of operations) {
    const left = available.apply(operation);
    if (!left.ok) return left;
    available = left.value;
    const updated = total.apply(operation);
    if (!updated.ok) return updated;
    total = updated.value;
  }
  setTotal(state, agent, total);
  return ok(undefined);
}
