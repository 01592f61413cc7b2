import { Resources } from '@mesita/sdk/resources';
import type { Agent } from '../agent.ts';
import type { Subscription } from '../framework.ts';
import type { Role } from '../role-tree.ts';
import type { State } from '../state.ts';
import { chop } from './chop.ts';
import { isAcceptable, isEligible } from './gates.ts';
import type { Run } from './run.ts';

/** Fair share: everybody in order, within limits, with headroom held back for guarantees. */
export function stageTwo(run: Run, agents: readonly Agent[]): void {
  const { state } = run;
  const openMask = openToAnybody(state);
  for (const agent of agents) {
    if (agent.portions.isEmpty) continue;
    if (
      agent.portions.isFree &&
      (agent.portions.freeMask & openMask & run.headroom.openMask) === 0
    ) {
      agent.settledFor = state.demand;
      continue;
    }
    const before = agent.portions;
    run.isChancy = false;
    state.roleSorter.walk((role) => {
      if (agent.portions.isEmpty) return true;
      if (isOfUse(run, agent, role)) share(run, agent, role);
      return false;
    });
    if (agent.portions === before && !run.isChancy) agent.settledFor = state.demand;
  }
}

/** A bit for each name that some role may still take; within a run roles only come to their limits. */
function openToAnybody({ roles }: State): number {
  if (!roles.hasQuotas) return -1;
  let mask = 0;
  for (const role of roles.all()) if (role.active > 0) mask |= role.openMask;
  return mask;
}

/** Whether anybody under the role could be offered anything: asked once instead of for each. */
function isOfUse({ state, headroom }: Run, agent: Agent, role: Role): boolean {
  const portion = agent.portions.of(role.path);
  if (portion.isEmpty) return false;
  if (portion.hasBound) return state.ownMinimums > 0 || portion.meets(state.options.minAllocatable);
  return (portion.freeMask & role.openMask & headroom.openMask) !== 0;
}

function share(run: Run, agent: Agent, role: Role): void {
  let seen = agent.portions;
  role.sorter?.walk((subscription) => {
    if (agent.portions !== seen && !isOfUse(run, agent, role)) return true;
    seen = agent.portions;
    offer(run, agent, role, subscription);
    return false;
  });
}

function offer(run: Run, agent: Agent, role: Role, subscription: Subscription): void {
  const { state, headroom } = run;
  if (!isEligible(state, agent, subscription, agent.portions.of(role.path))) return;
  const portion = agent.portions.for(role.path, subscription.framework.capabilities.handles);
  const random = portion.isSimple ? undefined : state.random;

  const { hasLimits } = role.quota;
  let toOffer = portion.whole;
  if (hasLimits || headroom.isRequired) {
    let extra = portion.free;
    if (hasLimits) {
      const limit = (name: number) => role.quota.limitOf(name) - role.consumed(name);
      extra = chop(extra, state.names, limit, random);
    }
    if (headroom.isRequired)
      extra = chop(extra, state.names, (name) => headroom.surplus(name), random);
    if (extra !== portion.free) {
      if (random !== undefined) run.isChancy = true;
      toOffer = Resources.ofItems([...portion.bound.items, ...extra.items]);
    }
  }
  if (!isAcceptable(state, agent, subscription, portion, toOffer)) return;
  const sums = run.commit(agent, subscription, portion, toOffer);
  headroom.take(sums.free);
}
