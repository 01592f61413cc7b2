import type { Resources } from '@mesita/sdk/resources';
import type { Agent } from '../agent.ts';
import { barsOf, isRemote } from '../capabilities.ts';
import type { Subscription } from '../framework.ts';
import type { Minimums } from '../minimum.ts';
import { meetsMinimum } from '../minimum.ts';
import { refusalOf } from '../parts.ts';
import type { State } from '../state.ts';
import type { Portion } from './portions.ts';

export function minimumsFor(state: State, { minimums }: Subscription): Minimums {
  return minimums ?? state.options.minAllocatable;
}

/** Whether GPUs, region and roles of the agent are for those who can handle them, and it is not for these. */
function isBarred({ options }: State, agent: Agent, { stoppedBy }: Subscription): boolean {
  agent.bars ??= barsOf(
    agent.capabilities,
    options.filterGpuResources && agent.hasGpus,
    isRemote(agent.info.domain, options.domain),
  );
  return (agent.bars & stoppedBy) !== 0;
}

/** What comes before anything is made of the portion. */
export function isEligible(
  state: State,
  agent: Agent,
  subscription: Subscription,
  everything: Portion,
): boolean {
  if (agent.isRefusedBy(subscription.refusals) || isBarred(state, agent, subscription))
    return false;
  const { framework, role } = subscription;
  if (framework.constraints?.excludes(role.path, agent.info)) return false;
  return everything.meets(minimumsFor(state, subscription));
}

/** Whether an offer out of the portion is worth sending and nothing stands in between. */
export function isAcceptable(
  state: State,
  agent: Agent,
  subscription: Subscription,
  portion: Portion,
  offer: Resources,
): boolean {
  const { refusals } = subscription;
  const isWhole = offer === portion.whole;
  const minimums = minimumsFor(state, subscription);
  if (isWhole ? !portion.meets(minimums) : !meetsMinimum(offer, minimums)) return false;
  if (agent.filterAgainst(refusals, offer) !== undefined) {
    if (isWhole) agent.noteRefusal(refusals);
    return false;
  }
  const { offerFilters } = state.parts;
  return (
    offerFilters === undefined ||
    refusalOf(state.log, offerFilters, agent, subscription, offer) === undefined
  );
}
