import { Resources } from '@mesita/sdk/resources';
import type { Agent } from '../agent.ts';
import type { Subscription } from '../framework.ts';
import type { Role } from '../role-tree.ts';
import type { State } from '../state.ts';
import { chop } from './chop.ts';
import { isAcceptable, isEligible } from './gates.ts';
import type { Portions } from './portions.ts';
import type { Run } from './run.ts';

/** Fair share: everybody in order, within limits, with headroom held back for guarantees. */
export function stageTwo(run: Run, agents: readonly Agent[]): void {
  const { state } = run;
  const openMask = openToAnybody(state);
  // What a module says may change from run to run.
  const hasParts = Object.values(state.parts).some((part) => part !== undefined);
  const sharing = new Sharing(run);
  for (const agent of agents) {
    const before = agent.portions;
    if (before.isEmpty) continue;
    const { freeMask } = before;
    if (freeMask !== undefined && (freeMask & openMask & run.headroom.openMask) === 0) {
      agent.settledFor = state.demand;
      continue;
    }
    run.isChancy = false;
    sharing.offer(agent);
    if (agent.portions === before && !run.isChancy && !hasParts) {
      agent.settledFor = state.demand;
    }
  }
}

/** One agent after the other among all roles and frameworks; made once, for there are many agents. */
class Sharing {
  readonly #run: Run;
  readonly #asksIdleLast: boolean;
  #role: Role | undefined;
  #seen: Portions | undefined;
  #agent: Agent | undefined;
  /** Whether idle ones are passed over. */
  #isForBusy = false;

  constructor(run: Run) {
    this.#run = run;
    this.#asksIdleLast = run.state.options.corrections?.has('idle_last') ?? false;
  }

  /** To everybody in order; by correction idle ones come after all others, whatever their share. */
  offer(agent: Agent): void {
    const { roleSorter } = this.#run.state;
    this.#agent = agent;
    this.#isForBusy = this.#asksIdleLast;
    roleSorter.walk(this.#withRole);
    if (!this.#asksIdleLast || agent.portions.isEmpty) return;
    this.#isForBusy = false;
    roleSorter.walk(this.#withRole);
  }

  readonly #withRole = (role: Role): boolean => {
    const agent = this.#agent as Agent;
    if (agent.portions.isEmpty) return true;
    if (!isOfUse(this.#run, agent, role)) return false;
    this.#role = role;
    this.#seen = agent.portions;
    role.sorter?.walk(this.#withFramework);
    return agent.portions.isEmpty;
  };

  readonly #withFramework = (subscription: Subscription): boolean => {
    if (this.#isForBusy && subscription.idleUntil > this.#run.now) return false;
    const agent = this.#agent as Agent;
    const role = this.#role as Role;
    if (agent.portions !== this.#seen) {
      if (!isOfUse(this.#run, agent, role)) return true;
      this.#seen = agent.portions;
    }
    offer(this.#run, agent, role, subscription);
    return agent.portions.isEmpty;
  };
}

/** A bit for each name that some role may still take; within a run roles only come to their limits. */
function openToAnybody({ roles, limits, parts }: State): number {
  if (!roles.hasQuotas || parts.quotaPolicy !== undefined) return -1;
  let mask = 0;
  for (const role of roles.all()) if (role.active > 0) mask |= limits.openMask(role);
  return mask;
}

/** Whether anybody under the role could be offered anything: asked once instead of for each. */
function isOfUse({ state, headroom }: Run, agent: Agent, role: Role): boolean {
  const portion = agent.portions.of(role.path);
  if (portion.isEmpty) return false;
  if (portion.hasBound) return state.ownMinimums > 0 || portion.meets(state.options.minAllocatable);
  return (portion.freeMask & state.limits.openMask(role) & headroom.openMask) !== 0;
}

function offer(run: Run, agent: Agent, role: Role, subscription: Subscription): void {
  const { state, headroom } = run;
  if (!isEligible(state, agent, subscription, agent.portions.of(role.path))) return;
  const portion = agent.portions.for(role.path, subscription.framework.capabilities.handles);
  const random = portion.isSimple ? undefined : state.random;

  const hasLimits = state.limits.concern(role);
  let toOffer = portion.whole;
  if (hasLimits || headroom.isRequired) {
    let extra = portion.free;
    if (hasLimits) {
      const limit = (name: number) => state.limits.left(role, name);
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
