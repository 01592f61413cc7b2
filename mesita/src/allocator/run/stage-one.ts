import type { Agent } from '../agent.ts';
import type { Subscription } from '../framework.ts';
import { meetsMinimum } from '../minimum.ts';
import type { Role } from '../role-tree.ts';
import { sumsOf } from '../sums.ts';
import { chop } from './chop.ts';
import { boundToExactly } from './portions.ts';
import type { Run } from './run.ts';
import { canReceive, isWanted, minimumsFor } from './run.ts';

/** Guarantees: whoever lacks some gets it first, with what goes along on that agent. */
export function stageOne(run: Run, agents: readonly Agent[]): void {
  if (run.state.roles.guaranteed.size === 0) return;
  for (const agent of agents) {
    run.state.roleSorter.walk((role) => {
      if (!role.quota.hasGuarantees) return false;
      if (agent.available.isEmpty) return true;
      role.sorter?.walk((subscription) => {
        if (role.unsatisfied.isEmpty()) return true;
        if (agent.portions.of(role.path).isEmpty) return true;
        offer(run, agent, role, subscription);
        return false;
      });
      return false;
    });
  }
}

function offer(run: Run, agent: Agent, role: Role, subscription: Subscription): void {
  const { state, headroom } = run;
  const { names, random } = state;
  const { framework } = subscription;
  if (!framework.isActive || framework.constraints?.excludes(role.path, agent.info)) return;
  const minimums = minimumsFor(state, subscription);
  if (!meetsMinimum(agent.portions.of(role.path), minimums)) return;
  if (!canReceive(state, framework, agent)) return;
  const { bound, free } = agent.portions.for(role.path, framework.capabilities);

  const guaranteed = chop(free, names, (name) => role.unsatisfied.get(name), random);
  if (guaranteed.isEmpty) return;
  const given = sumsOf(guaranteed, names).free;
  let extra = free.subtract(guaranteed);
  if (role.quota.hasLimits) {
    const bound = (name: number) =>
      role.quota.limitOf(name) - role.consumed(name) - given.get(name);
    extra = chop(extra, names, bound, random);
  }
  if (headroom.isRequired) extra = chop(extra, names, (name) => headroom.surplus(name), random);
  const toOffer = guaranteed.add(boundToExactly(bound, role.path)).add(extra);
  if (!meetsMinimum(toOffer, minimums) || !isWanted(agent, subscription, toOffer)) return;
  run.commit(agent, subscription, toOffer);
  headroom.satisfy(given);
  headroom.take(given);
  headroom.take(sumsOf(extra, names).free);
}
