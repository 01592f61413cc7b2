import type { Random } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Agent } from '../agent.ts';
import type { Subscription } from '../framework.ts';
import type { Quantities } from '../quantities.ts';
import type { Role } from '../role-tree.ts';
import { sumsOf } from '../sums.ts';
import { chop } from './chop.ts';
import { isAcceptable, isEligible } from './gates.ts';
import { boundToExactly } from './portions.ts';
import type { Run } from './run.ts';

/** Guarantees: whoever lacks some gets it first, with what goes along on that agent. */
export function stageOne(run: Run, agents: readonly Agent[]): void {
  const { state } = run;
  const hungry = new Set<Role>();
  for (const role of state.roles.guaranteed) if (isHungry(role)) hungry.add(role);
  if (hungry.size === 0) return;
  const clients = [...hungry].flatMap(({ client }) => client ?? []);
  const selection = state.roleSorter.select(clients);
  for (const agent of agents) {
    if (hungry.size === 0) return;
    if (agent.portions.isEmpty) continue;
    const satisfied: Role[] = [];
    selection.walk((role) => {
      if (agent.portions.isEmpty) return true;
      satisfy(run, agent, role);
      if (!isHungry(role)) satisfied.push(role);
      return false;
    });
    for (const role of satisfied) {
      hungry.delete(role);
      if (role.client !== undefined) selection.drop(role.client);
    }
  }
}

function isHungry(role: Role): boolean {
  return role.unsatisfiedMask !== 0 && role.active > 0;
}

function satisfy(run: Run, agent: Agent, role: Role): void {
  // Without anything that is lacking on this agent, no framework of the role gets anything yet.
  if ((agent.portions.of(role.path).freeMask & role.unsatisfiedMask) === 0) return;
  role.sorter?.walk((subscription) => {
    if (role.unsatisfiedMask === 0 || agent.portions.of(role.path).isEmpty) return true;
    offer(run, agent, role, subscription);
    return false;
  });
}

function offer(run: Run, agent: Agent, role: Role, subscription: Subscription): void {
  const { state, headroom } = run;
  const { framework } = subscription;
  if (!framework.isActive || !isEligible(state, agent, subscription, agent.portions.of(role.path)))
    return;
  const portion = agent.portions.for(role.path, framework.capabilities.handles);
  const { free, bound } = portion;
  const random = portion.isSimple ? undefined : state.random;
  run.isChancy ||= !portion.isSimple;

  const guaranteed = role.unsatisfied.covers(portion.sums.free)
    ? free
    : chop(free, state.names, (name) => role.unsatisfied.get(name), random);
  if (guaranteed.isEmpty) return;
  const given = guaranteed === free ? portion.sums.free : sumsOf(guaranteed, state.names).free;
  const extra =
    guaranteed === free
      ? Resources.empty
      : extraBeside(run, role, given, free.subtract(guaranteed), random);
  const along = boundToExactly(bound, role.path);
  const isWhole = guaranteed === free && along === bound;
  const toOffer = isWhole ? portion.whole : guaranteed.add(along).add(extra);
  if (!isAcceptable(state, agent, subscription, portion, toOffer)) return;
  const sums = run.commit(agent, subscription, portion, toOffer);
  headroom.satisfy(given);
  headroom.take(sums.free);
}

/** What a role gets of the rest: within its limits, and not at the expense of others' guarantees. */
function extraBeside(
  { state, headroom }: Run,
  role: Role,
  given: Quantities,
  rest: Resources,
  random: Random | undefined,
): Resources {
  let extra = rest;
  if (state.limits.concern(role)) {
    const limit = (name: number) => state.limits.left(role, name) - given.get(name);
    extra = chop(extra, state.names, limit, random);
  }
  if (headroom.isRequired)
    extra = chop(extra, state.names, (name) => headroom.surplus(name), random);
  return extra;
}
