import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { Filters } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import { release, releaseGrant, trackLaunched, untrackLaunched } from './books.ts';
import type { Framework } from './framework.ts';
import { singleRoleOf } from './holdings.ts';
import { addFilter } from './offer-filters.ts';
import { requestRun } from './requests.ts';
import type { State } from './state.ts';

/** Who only waits for something better is asked in his turn once a minute. */
const IDLE_MS = 60_000;

/** What was offered now runs, and counts as consumed quota. */
export function transitionToAllocated(state: State, agent: Agent, resources: Resources): void {
  agent.fold();
  agent.launched = agent.launched.add(resources);
  trackLaunched(state, resources);
  for (const { framework: id, role } of agent.held) {
    const framework = state.frameworks.get(id);
    if (framework !== undefined && role === singleRoleOf(resources)) accept(framework, agent, role);
  }
}

function accept(framework: Framework, agent: Agent, role: string): void {
  const subscription = framework.subscriptions.get(role);
  const isAccepted = framework.history.accept(agent.id, role);
  if (subscription !== undefined && isAccepted) subscription.idleUntil = 0;
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
  const grant = isAllocated ? undefined : agent.revoke(frameworkId, resources);
  if (framework !== undefined && grant !== undefined) {
    releaseGrant(state, grant);
    grant.outcome = filters === undefined ? 'RETURNED' : 'DECLINED';
    const { path } = grant.subscription.role;
    if (filters !== undefined) {
      grant.subscription.idleUntil = state.agenda.now() + IDLE_MS;
      refuse(state, framework, path, agent, grant.free, filters);
    }
    return;
  }
  agent.fold();
  const role = singleRoleOf(resources);
  const reason = whyNot(agent, framework, role, resources, isAllocated);
  if (reason !== undefined) {
    state.log.error('resources not recovered', { frameworkId, agentId, resources, reason });
    return;
  }
  if (isAllocated) {
    agent.launched = agent.launched.subtract(resources);
    untrackLaunched(state, resources);
  }
  // Of a framework that is gone everything was taken back already.
  if (framework === undefined || role === undefined) return;
  agent.release(frameworkId, role, resources);
  release(state, agent, framework, role, resources);
  accept(framework, agent, role);
  if (filters !== undefined) refuse(state, framework, role, agent, resources.unallocate(), filters);
  if (isAllocated) offerFreed(state, agent);
}

/**
 * Without waiting for the next periodic run, unless the operator wants it so. Only what tasks freed:
 * with declined offers, a thousand frameworks with nothing to do would pass every agent round among
 * themselves as fast as they can answer.
 */
function offerFreed(state: State, agent: Agent): void {
  const { recoveredOfferDelayMs } = state.options;
  if (recoveredOfferDelayMs === undefined) return;
  state.recovered.add(agent);
  if (state.recovered.size > 1) return;
  state.agenda.after(recoveredOfferDelayMs, () => {
    for (const recovered of state.recovered)
      if (state.agents.has(recovered.id)) requestRun(state, recovered);
    state.recovered.clear();
  });
}

function whyNot(
  agent: Agent,
  framework: Framework | undefined,
  role: string | undefined,
  resources: Resources,
  isAllocated: boolean,
): string | undefined {
  if (isAllocated && !agent.launched.contains(resources)) return 'they were not launched';
  if (framework === undefined) return undefined;
  if (role === undefined) return 'they belong to several roles';
  if (!agent.held.get(framework.id, role).contains(resources))
    return 'the framework does not hold them';
  return undefined;
}

function refuse(
  state: State,
  framework: Framework,
  role: string,
  agent: Agent,
  refused: Resources,
  filters: Filters,
): void {
  const refusals = framework.refusalsOf(role);
  const { agenda, options } = state;
  if (!addFilter(agenda, refusals, agent, refused, filters, options.allocationIntervalMs)) return;
  const portion = agent.portions.for(role, framework.capabilities.handles);
  if (portion.whole === refused) agent.noteRefusal(refusals);
}
