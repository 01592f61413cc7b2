import type { Result } from '@mesita/sdk/base';
import { err, ok } from '@mesita/sdk/base';
import type { ResourceConversion } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { Offer } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import { singleRoleOf } from './agent.ts';
import { setTotal } from './agents.ts';
import { exchange } from './books.ts';
import type { Framework } from './framework.ts';
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
  if (role === undefined || !agent.heldUnder(framework.id, role).contains(offered)) {
    return err('the framework does not hold these resources');
  }
  const updated = offered.convert(conversions);
  if (!updated.ok) return updated;
  const total = agent.total.convert(conversionsOfTotal(conversions));
  if (!total.ok) return total;
  agent.release(framework.id, role, offered);
  agent.hold(framework.id, updated.value);
  exchange(state, agent, subscription, offered, updated.value);
  setTotal(state, agent, total.value);
  return ok(undefined);
}

/** Totals know no allocation, and one copy of what is shared: more copies are made of nothing. */
function conversionsOfTotal(conversions: readonly ResourceConversion[]): ResourceConversion[] {
  return conversions
    .filter(({ consumed }) => !consumed.isEmpty)
    .map(({ consumed, converted }) => ({
      consumed: consumed.unallocate(),
      converted: converted.unallocate(),
    }));
}

export function updateAvailable(
  state: State,
  agent: Agent,
  operations: readonly Offer.Operation[],
): Result<void> {
  let available = agent.available;
  let total = agent.total;
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
