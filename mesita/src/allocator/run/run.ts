import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { Agent } from '../agent.ts';
import { chargeRole } from '../books.ts';
import { isRemote } from '../capabilities.ts';
import type { Framework, Subscription } from '../framework.ts';
import { sendInverseOffers } from '../inverse-offers.ts';
import type { Minimums } from '../minimum.ts';
import type { State } from '../state.ts';
import { shuffle } from './chop.ts';
import { Headroom } from './headroom.ts';
import { stageOne } from './stage-one.ts';
import { stageTwo } from './stage-two.ts';

/** One allocation: guarantees first, then fair shares, over the candidates. */
export class Run {
  readonly state: State;
  readonly headroom: Headroom;
  readonly #offers = new Map<FrameworkId, Map<string, Map<AgentId, Resources>>>();

  constructor(state: State) {
    this.state = state;
    this.headroom = new Headroom(state);
  }

  /** Records the offer and charges it at once, so that it counts in what follows. */
  commit(agent: Agent, subscription: Subscription, offer: Resources): void {
    const { framework, role } = subscription;
    const allocated = offer.allocate(role.path);
    const roles = getOrAdd(
      this.#offers,
      framework.id,
      () => new Map<string, Map<AgentId, Resources>>(),
    );
    const agents = getOrAdd(roles, role.path, () => new Map<AgentId, Resources>());
    const before = agents.get(agent.id);
    agents.set(agent.id, before === undefined ? allocated : before.add(allocated));
    agent.hold(framework.id, allocated);
    chargeRole(this.state, agent, subscription, allocated);
  }

  send(): void {
    for (const [framework, resources] of this.#offers)
      this.state.callbacks.offer(framework, resources);
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

export function minimumsFor(state: State, { framework, role }: Subscription): Minimums {
  return framework.minimums.get(role.path) ?? state.options.minAllocatable;
}

/** GPUs and other regions are only for those who can handle them. */
export function canReceive({ options }: State, { capabilities }: Framework, agent: Agent): boolean {
  if (options.filterGpuResources && agent.hasGpus && !capabilities.gpuResources) return false;
  return capabilities.regionAware || !isRemote(agent.info.domain, options.domain);
}

/** Whether agent and framework understand each other's roles, and no filter stands in between. */
export function isWanted(agent: Agent, subscription: Subscription, offer: Resources): boolean {
  const { framework, role, refusals } = subscription;
  if (framework.capabilities.multiRole && !agent.capabilities.multiRole) return false;
  if (!agent.capabilities.hierarchicalRole && role.path.includes('/')) return false;
  return agent.filterAgainst(refusals, offer) === undefined;
}

export function allocate(state: State): void {
  const { candidates, agents, whitelist } = state;
  state.runs++;
  const chosen: Agent[] = [];
  for (const agent of candidates.among(agents.values())) {
    if (agent.isActive && (whitelist === undefined || whitelist.has(agent.info.hostname)))
      chosen.push(agent);
  }
  const run = new Run(state);
  state.roles.beginRun();
  shuffle(chosen, state.random);
  stageOne(run, chosen);
  shuffle(chosen, state.random);
  stageTwo(run, chosen);
  state.roles.endRun();
  run.send();
  sendInverseOffers(candidates.among(agents.values()), state.frameworks, state.callbacks);
  candidates.clear();
}
