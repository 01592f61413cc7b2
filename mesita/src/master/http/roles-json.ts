// `/roles` and GET_ROLES: who holds what, by role.
import { Resources, roleAncestors } from '@mesita/sdk/resources';
import type { View } from '../../net/view.ts';
import { doubleText } from '../../wire/json/stringify.ts';
import { flatQuantities } from '../../wire/state-json/resources.ts';
import type { MasterState } from '../core/state.ts';

interface RoleSummary {
  readonly name: string;
  readonly weight: number;
  readonly frameworks: readonly string[];
  readonly allocated: Resources;
  readonly offered: Resources;
  readonly reserved: Resources;
}

/**
 * Roles with frameworks, allocations, reservations, a weight or a quota, and their ancestors; with
 * a whitelist, its entries and their ancestors. By name.
 */
function summariseRoles(state: MasterState, whitelist?: ReadonlySet<string>): RoleSummary[] {
  const sums = sumByRole(state);
  const named = new Set(
    whitelist ?? [
      ...state.frameworks.roles.keys(),
      ...sums.allocated.keys(),
      ...sums.offered.keys(),
      ...sums.reserved.keys(),
      ...state.weights.keys(),
      ...state.quotas.keys(),
    ],
  );
  for (const name of [...named]) for (const ancestor of roleAncestors(name)) named.add(ancestor);
  return [...named].sort().map((name) => ({
    name,
    weight: state.weights.get(name) ?? 1,
    frameworks: [...(state.frameworks.roles.get(name) ?? [])],
    allocated: sums.allocated.get(name) ?? Resources.empty,
    offered: sums.offered.get(name) ?? Resources.empty,
    reserved: sums.reserved.get(name) ?? Resources.empty,
  }));
}

function sumByRole(state: MasterState) {
  const sums = {
    allocated: new Map<string, Resources>(),
    offered: new Map<string, Resources>(),
    reserved: new Map<string, Resources>(),
  };
  const add = (to: Map<string, Resources>, parts: ReadonlyMap<string, Resources>) => {
    for (const [role, r] of parts) to.set(role, (to.get(role) ?? Resources.empty).add(r));
  };
  for (const framework of state.frameworks.registered.values()) {
    add(sums.allocated, framework.totalUsed.allocations());
    add(sums.offered, framework.totalOffered.allocations());
  }
  for (const agent of state.agents.registered.values())
    add(sums.reserved, agent.total.reservations());
  return sums;
}

export function roleJson(role: RoleSummary, state: MasterState): Record<string, unknown> {
  const quota = state.quotas.get(role.name);
  const amounts = (pairs: Iterable<readonly [string, number]> | undefined) =>
    Object.fromEntries([...(pairs ?? [])].map(([name, n]) => [name, n / 1000]));
  return {
    name: role.name,
    weight: Number.isFinite(role.weight) ? role.weight : JSON.parse(doubleText(role.weight)),
    quota: {
      role: role.name,
      guarantee: amounts(quota?.guarantees),
      limit: amounts(quota?.limits),
      consumed: flatQuantities(consumed(role)),
    },
    resources: flatQuantities(role.allocated.add(role.offered)),
    allocated: flatQuantities(role.allocated),
    offered: flatQuantities(role.offered),
    reserved: flatQuantities(role.reserved),
    frameworks: role.frameworks,
  };
}

/** What counts against a quota: reservations, and what is allocated beyond them. */
function consumed(role: RoleSummary): Resources {
  return role.reserved.add(role.allocated.unreserved().unallocate());
}

/** The roles that are shown. */
export function rolesIn(state: MasterState, view: View): RoleSummary[] {
  return summariseRoles(state).filter(({ name }) => view.showsRole(name));
}
