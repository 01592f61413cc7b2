import type { Agent } from '../agent.ts';
import { sendInverseOffers } from '../inverse-offers.ts';
import { orderAgents } from '../parts.ts';
import type { State } from '../state.ts';
import { shuffle } from './chop.ts';
import { Headroom } from './headroom.ts';
import { Run } from './run.ts';
import { stageOne } from './stage-one.ts';
import { stageTwo } from './stage-two.ts';

/** Guarantees first, then fair shares, over the agents that asked for it; then inverse offers. */
export function allocate(state: State): void {
  const candidates = state.candidates.take(state.agents.values());
  state.runs++;
  const agents: Agent[] = [];
  let isAnyOffered = false;
  for (const agent of candidates) {
    if (!isOffered(state, agent)) continue;
    isAnyOffered = true;
    if (!agent.portions.isEmpty && agent.settledFor !== state.demand) agents.push(agent);
  }
  if (isAnyOffered) {
    state.roleSorter.refresh();
    offer(state, agents, candidates);
  }
  sendInverseOffers(candidates, state.frameworks, state.callbacks);
}

/** `agents`: those of the candidates that somebody may take something of. */
function offer(state: State, agents: Agent[], candidates: readonly Agent[]): void {
  if (agents.length === 0 || state.roleSorter.isIdle) return;
  const run = new Run(state);
  state.roles.beginRun();
  order(state, agents);
  const wasHeldBack = run.headroom.isRequired;
  stageOne(run, agents);
  // With the last guarantee met nothing is held back any more, on no agent.
  if (wasHeldBack && !run.headroom.isRequired) addOthers(state, agents, candidates);
  order(state, agents);
  stageTwo(run, agents);
  state.roles.endRun();
  // What stage two gave towards guarantees, and what it gave of shared resources that were given
  // before, counts otherwise from the next run on, and may set more free then.
  if (new Headroom(state).allowsMoreThan(run.headroom)) state.demand++;
  run.send();
}

function addOthers(state: State, agents: Agent[], candidates: readonly Agent[]): void {
  const known = new Set(agents);
  for (const agent of candidates)
    if (!known.has(agent) && !agent.portions.isEmpty && isOffered(state, agent)) agents.push(agent);
}

function order({ parts, log, random }: State, agents: Agent[]): void {
  shuffle(agents, random);
  if (parts.agentOrder !== undefined) orderAgents(log, parts.agentOrder, agents);
}

function isOffered({ whitelist }: State, agent: Agent): boolean {
  return agent.isActive && (whitelist === undefined || whitelist.has(agent.info.hostname));
}
