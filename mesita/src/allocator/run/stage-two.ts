import type { Agent } from '../agent.ts';
import type { Subscription } from '../framework.ts';
import { meetsMinimum } from '../minimum.ts';
import type { Role } from '../role-tree.ts';
import { sumsOf } from '../sums.ts';
import { chop } from './chop.ts';
import type { Run } from './run.ts';
import { canReceive, isWanted, minimumsFor } from './run.ts';

/** Fair share: everybody in order, within limits, with headroom held back for guarantees. */
export function stageTwo(run: Run, agents: readonly Agent[]): void {
  for (const agent of agents) {
    run.state.roleSorter.walk((role) => {
      if (agent.available.isEmpty) return true;
      role.sorter?.walk((subscription) => {
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
  const { framework } = subscription;
  if (framework.constraints?.excludes(role.path, agent.info)) return;
  const minimums = minimumsFor(state, subscription);
  if (!meetsMinimum(agent.portions.of(role.path), minimums)) return;
  if (!canReceive(state, framework, agent)) return;
  const { bound, free } = agent.portions.for(role.path, framework.capabilities);

  let extra = free;
  if (role.quota.hasLimits) {
    extra = chop(
      extra,
      state.names,
      (name) => role.quota.limitOf(name) - role.consumed(name),
      state.random,
    );
  }
  if (headroom.isRequired)
    extra = chop(extra, state.names, (name) => headroom.surplus(name), state.random);
  const toOffer = bound.add(extra);
  if (!meetsMinimum(toOffer, minimums) || !isWanted(agent, subscription, toOffer)) return;
  run.commit(agent, subscription, toOffer);
  headroom.take(sumsOf(extra, state.names).free);
}
