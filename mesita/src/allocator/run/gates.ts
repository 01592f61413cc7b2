import type { Resources } from '@mesita/sdk/resources';
import type { Agent } from '../agent.ts';
import { isRemote } from '../capabilities.ts';
import type { Framework, Subscription } from '../framework.ts';
import type { Minimums } from '../minimum.ts';
import { meetsMinimum } from '../minimum.ts';
import { refusalOf } from '../parts.ts';
import type { State } from '../state.ts';
import type { Portion } from './portions.ts';

export function minimumsFor(state: State, { framework, role }: Subscription): Minimums {
  if (framework.minimums.size === 0) return state.options.minAllocatable;
  return framework.minimums.get(role.path) ?? state.options.minAllocatable;
}

/** GPUs and other regions are only for those who can handle them. */
function canReceive({ options }: State, { capabilities }: Framework, agent: Agent): boolean {
  if (options.filterGpuResources && agent.hasGpus && !capabilities.gpuResources) return false;
  return capabilities.regionAware || !isRemote(agent.info.domain, options.domain);
}

/** What comes before anything is made of the portion. */
export function isEligible(
  state: State,
  agent: Agent,
  subscription: Subscription,
  everything: Portion,
): boolean {
  const { framework, role } = subscription;
  if (framework.constraints?.excludes(role.path, agent.info)) return false;
  return everything.meets(minimumsFor(state, subscription)) && canReceive(state, framework, agent);
}

/** Whether an offer out of the portion is worth sending and nothing stands in between. */
export function isAcceptable(
  state: State,
  agent: Agent,
  subscription: Subscription,
  portion: Portion,
  offer: Resources,
): boolean {
  const { framework, role, refusals } = subscription;
  const minimums = minimumsFor(state, subscription);
  if (offer === portion.whole ? !portion.meets(minimums) : !meetsMinimum(offer, minimums))
    return false;
  if (framework.capabilities.multiRole && !agent.capabilities.multiRole) return false;
  if (!agent.capabilities.hierarchicalRole && role.path.includes('/')) return false;
  if (agent.filterAgainst(refusals, offer) !== undefined) return false;
  const { offerFilters } = state.parts;
  return (
    offerFilters === undefined ||
    refusalOf(state.log, offerFilters, agent, subscription, offer) === undefined
  );
}
