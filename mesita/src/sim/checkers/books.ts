import { Resources } from '@mesita/sdk/resources';
import type { Offer } from '@mesita/sdk/types';
import type { HierarchicalAllocator } from '../../allocator/hierarchical-allocator.ts';
import type { Agent } from '../../master/core/agent.ts';
import type { MasterEffect } from '../../master/core/effects.ts';
import type { MasterEvent } from '../../master/core/events.ts';
import type { MasterState } from '../../master/core/state.ts';
import { holdsResources } from '../../master/core/task.ts';
import type { Fail } from './checks.ts';

/** Resources are conserved: what is offered and used is never more than there is. */
export interface BookChecks {
  /** After every step of a master: the agents that the step touched. */
  masterStepped(state: MasterState, event: MasterEvent, effects: readonly MasterEffect[]): void;
  /** A framework got this offer. Its id was never heard before. */
  offered(offer: Offer): void;
  /** At any moment between steps: all agents, and the allocator's sums against the master's. */
  all(state: MasterState, allocator: HierarchicalAllocator): void;
}

export function createBookChecks(fail: Fail): BookChecks {
  const offersHeard = new Set<string>();
  return {
    masterStepped(state, event, effects) {
      for (const id of touched(event, effects)) {
        const agent = state.agents.registered.get(id as Agent['id']);
        if (agent) checkAgent(state, agent, fail);
      }
    },
    offered({ id }) {
      if (offersHeard.has(id.value)) fail(`offer ${id.value} came twice`, [id.value]);
      offersHeard.add(id.value);
    },
    all(state, allocator) {
      for (const agent of state.agents.registered.values()) checkAgent(state, agent, fail);
      checkSums(state, allocator, fail);
    },
  };
}

function touched(event: MasterEvent, effects: readonly MasterEffect[]): Set<string> {
  const ids = new Set<string>();
  if (event.type === 'OffersMade') {
    for (const byAgent of event.resources.values()) for (const id of byAgent.keys()) ids.add(id);
  }
  for (const effect of effects) {
    if (effect.type !== 'allocator') continue;
    const { method, arguments: args } = effect.call;
    if (method === 'recoverResources') ids.add(args[1]);
    else if (method === 'transitionOfferedToAllocated' || method === 'addAgent') ids.add(args[0]);
    else if (method === 'updateAgent') ids.add(args[0]);
  }
  return ids;
}

/** Added up anew from single offers, tasks and executors. */
function checkAgent(state: MasterState, agent: Agent, fail: Fail): void {
  const offers = [...agent.offers].map((id) => state.offers.get(id)?.resources);
  const tasks = [...agent.tasks.values()].flatMap((byId) => [...byId.values()]);
  const executors = [...agent.executors.values()].flatMap((byId) => [...byId.values()]);
  if (offers.includes(undefined)) fail(`agent ${agent.id} has an offer that is none`, [agent.id]);
  const offered = Resources.sum(offers.flatMap((resources) => resources ?? []));
  const used = Resources.sum([
    ...tasks.filter(({ task }) => holdsResources(task.state)).map((task) => task.resources),
    ...executors.map((executor) => executor.resources),
  ]);
  const booked = Resources.sum([...agent.used.values()]);
  if (!offered.equals(agent.offered)) {
    fail(`agent ${agent.id} has offers of ${offered}, and ${agent.offered} in its books`, [
      agent.id,
    ]);
  }
  if (!used.equals(booked)) {
    fail(`agent ${agent.id} has tasks of ${used}, and ${booked} in its books`, [agent.id]);
  }
  // What is lent may exceed what the agent would lend by now: that is what it is called revocable for.
  const held = offered.add(used).unallocate().nonRevocable();
  if (agent.total.contains(held)) return;
  const names = tasks.map(({ task }) => `${task.taskId.value} ${task.state}`);
  const others = executors.map(({ info }) => info.executorId.value);
  fail(
    `agent ${agent.id} has ${agent.total}, but ${held} are held: by ${[...names, ...others].join(', ')} ` +
      `and ${agent.offers.size} offers`,
    [agent.id],
  );
}

function checkSums(state: MasterState, allocator: HierarchicalAllocator, fail: Fail): void {
  const agents = [...state.agents.registered.values()];
  const total = Resources.sum(agents.map((agent) => agent.total.unallocate()));
  const held = Resources.sum(
    agents.flatMap((agent) => [agent.offered, ...agent.used.values()].map((it) => it.unallocate())),
  );
  const told = allocator.metrics();
  for (const name of ['cpus', 'mem']) {
    compare(name, 'total', total.scalar(name));
    compare(name, 'offered_or_allocated', held.scalar(name));
  }

  function compare(name: string, what: string, ours: number): void {
    const theirs = told.get(`allocator/mesos/resources/${name}/${what}`) ?? 0;
    if (Math.abs(ours - theirs) < 0.0005) return;
    fail(`${what} ${name}: ${ours} to the master, ${theirs} to the allocator`, ['master']);
  }
}
