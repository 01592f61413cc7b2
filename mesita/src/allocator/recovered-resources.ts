import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { Filters } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import { release, singleRoleOf, trackLaunched, untrackLaunched } from './books.ts';
import { addFilter } from './offer-filters.ts';
import type { State } from './state.ts';

/** What was offered now runs, and counts as consumed quota. */
export function transitionToAllocated(state: State, agent: Agent, resources: Resources): void {
  agent.launched = agent.launched.add(resources);
  trackLaunched(state, resources);
}

export function recoverResources(
  state: State,
  frameworkId: FrameworkId,
  agentId: AgentId,
  resources: Resources,
  filters: Filters | undefined,
  isAllocated: boolean,
): void {
  const agent = state.agents.get(agentId);
  // Of a removed agent everything was taken back already.
  if (resources.isEmpty || agent === undefined) return;
  const framework = state.frameworks.get(frameworkId);
  const role = singleRoleOf(resources);
  let reason: string | undefined;
  if (isAllocated && !agent.launched.contains(resources)) reason = 'they were not launched';
  else if (framework !== undefined && role === undefined) reason = 'they belong to several roles';
  else if (framework !== undefined && !agent.heldBy(frameworkId).contains(resources)) {
    reason = 'the framework does not hold them';
  }
  if (reason !== undefined) {
    state.log.error('resources not recovered', { frameworkId, agentId, resources, reason });
    return;
  }
  if (isAllocated) {
    agent.launched = agent.launched.subtract(resources);
    untrackLaunched(state, resources);
  }
  if (framework === undefined || role === undefined) return;
  agent.release(frameworkId, resources);
  release(state, agent, framework, resources);
  if (filters === undefined) return;
  const refusals = framework.refusalsOf(role);
  const refused = resources.unallocate();
  addFilter(state.agenda, refusals, agent, refused, filters, state.options.allocationIntervalMs);
}
