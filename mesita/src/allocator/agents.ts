import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import { attributesEqual } from '@mesita/sdk/resources';
import type { AgentInfo, Unavailability } from '@mesita/sdk/types';
import { Agent } from './agent.ts';
import { charge, release, untrackLaunched } from './books.ts';
import { agentCapabilities } from './capabilities.ts';
import { clearInverseFilters, plannedMaintenance } from './inverse-offers.ts';
import type { Known } from './known-resources.ts';
import { clearAgentFilters } from './offer-filters.ts';
import type { Quantities } from './quantities.ts';
import { requestRun } from './requests.ts';
import type { State } from './state.ts';

export function addAgent(
  state: State,
  id: AgentId,
  info: AgentInfo,
  capabilities: readonly AgentInfo.Capability[],
  unavailability: Unavailability | undefined,
  total: Resources,
  used: ReadonlyMap<FrameworkId, Resources>,
): void {
  if (state.agents.has(id)) {
    state.log.error('agent was added before', { agentId: id });
    return;
  }
  const known = state.known.find(total);
  if (!isMeasurable(state, id, known)) return;
  const agent = new Agent(
    id,
    state.nextSerial++,
    info,
    agentCapabilities(capabilities),
    known,
    used,
    state.totals,
  );
  agent.maintenance = plannedMaintenance(unavailability);
  state.agents.set(id, agent);
  state.roles.trackReservations(total);
  addTotals(state, agent.total.sums.all);
  for (const [frameworkId, resources] of used) {
    const framework = state.frameworks.get(frameworkId);
    // Its framework comes later, with what it uses; until then shares are too small.
    if (framework === undefined || resources.isEmpty) continue;
    charge(state, agent, framework, resources, true);
  }
  if (
    state.isPaused &&
    state.expectedAgents !== undefined &&
    state.agents.size >= state.expectedAgents
  ) {
    state.expectedAgents = undefined;
    state.isPaused = false;
  }
  requestRun(state, agent);
}

/** What an agent says of itself is not ours to choose; with absurd amounts no sum would be right. */
function isMeasurable(state: State, id: AgentId, total: Known): boolean {
  if (total.isMeasurable) return true;
  state.log.error('resources beyond measure', { agentId: id, total: total.resources });
  return false;
}

export function removeAgent(state: State, agent: Agent): void {
  untrackLaunched(state, agent.launched);
  for (const { framework: frameworkId, role, resources } of agent.retire()) {
    const framework = state.frameworks.get(frameworkId);
    if (framework !== undefined) release(state, agent, framework, role, resources);
  }
  state.roles.untrackReservations(agent.total.resources);
  state.totals.subtract(agent.total.sums.all);
  state.agents.delete(agent.id);
  state.candidates.remove(agent);
  removeFilters(state, agent);
}

function removeFilters(state: State, agent: Agent): void {
  clearAgentFilters(state.agenda, agent);
  for (const framework of state.frameworks.values())
    clearInverseFilters(state.agenda, framework, agent.id);
}

export function updateAgent(
  state: State,
  agent: Agent,
  info: AgentInfo,
  total?: Resources,
  capabilities?: readonly AgentInfo.Capability[],
): void {
  let isUpdated = false;
  // Frameworks may have declined for want of an attribute; they have no other way to learn of it.
  if (!attributesEqual(info.attributes ?? [], agent.info.attributes ?? [])) {
    isUpdated = true;
    removeFilters(state, agent);
  }
  if (!isSameInfo(agent.info, info)) {
    isUpdated = true;
    agent.info = info;
    agent.bars = undefined;
    agent.settledFor = -1;
  }
  if (capabilities !== undefined) {
    const before = agent.capabilities;
    agent.capabilities = agentCapabilities(capabilities);
    agent.bars = undefined;
    agent.settledFor = -1;
    const { multiRole, hierarchicalRole } = agent.capabilities;
    isUpdated ||= multiRole !== before.multiRole || hierarchicalRole !== before.hierarchicalRole;
  }
  if (total !== undefined) isUpdated = setTotal(state, agent, total) || isUpdated;
  if (isUpdated) requestRun(state, agent);
}

function isSameInfo(a: AgentInfo, b: AgentInfo): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

export function setTotal(state: State, agent: Agent, total: Resources): boolean {
  const before = agent.total;
  const after = state.known.find(total);
  if (before === after || before.resources.equals(total)) return false;
  if (!isMeasurable(state, agent.id, after)) return false;
  agent.setTotal(after);
  changeTotal(state, before, after);
  return true;
}

/** What there was of an agent, or of a part of it, and what there is now. */
export function changeTotal(state: State, before: Known, after: Known): void {
  // New ones first, so that a role does not vanish in between.
  state.roles.trackReservations(after.resources);
  state.roles.untrackReservations(before.resources);
  state.totals.subtract(before.sums.all);
  addTotals(state, after.sums.all);
}

function addTotals(state: State, amounts: Quantities): void {
  state.totals.add(amounts);
  if (state.roles.hasQuotas) state.demand++;
}

export function addResourceProvider(
  state: State,
  agent: Agent,
  total: Resources,
  used: ReadonlyMap<FrameworkId, Resources>,
): void {
  setTotal(state, agent, agent.total.resources.add(total));
  for (const [frameworkId, resources] of used) {
    const framework = state.frameworks.get(frameworkId);
    if (framework === undefined || resources.isEmpty) continue;
    agent.fold();
    agent.hold(frameworkId, resources);
    charge(state, agent, framework, resources);
  }
}

export function updateUnavailability(
  state: State,
  agent: Agent,
  unavailability: Unavailability | undefined,
): void {
  for (const framework of state.frameworks.values())
    clearInverseFilters(state.agenda, framework, agent.id);
  agent.maintenance = plannedMaintenance(unavailability);
  requestRun(state, agent);
}
