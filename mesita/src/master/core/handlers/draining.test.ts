import type { AgentId, StreamId } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import type { ChangeAgent } from '../events.ts';
import { agentPid, createWorld, offer, register, subscribe, taskInfo } from '../testing/world.ts';

const stream = 'stream' as StreamId;

function scene() {
  const world = createWorld();
  const agentId = register(world);
  const agent = world.state.agents.registered.get(agentId)!;
  // Nobody drains an agent that does not know how.
  agent.capabilities = new Set([...agent.capabilities, 'AGENT_DRAINING']);
  let requests = 0;
  return {
    world,
    agent,
    ask(change: ChangeAgent['change'], id: string = agentId) {
      const requestId = `operator${requests++}`;
      world.step({ type: 'ChangeAgent', requestId, agentId: id as AgentId, change });
      const answer = world.responses.find((response) => response.requestId === requestId);
      return [answer?.status, answer?.body];
    },
  };
}

test('a deactivated agent is offered to nobody until it is reactivated', () => {
  const { world, agent, ask } = scene();
  const id = subscribe(world);
  offer(world, id, agent.id);
  expect(ask({ kind: 'deactivate' })).toEqual([200, undefined]);
  expect(world.events(stream).at(-1)?.type).toBe('RESCIND');
  expect([agent.active, agent.deactivated]).toEqual([false, true]);
  expect(world.registry.agents?.agents?.[0]?.deactivated).toBe(true);
  expect(ask({ kind: 'reactivate' })).toEqual([200, undefined]);
  expect([agent.active, agent.deactivated]).toEqual([true, false]);
  expect(ask({ kind: 'reactivate' })).toEqual([400, 'Agent is not deactivated']);
});

test('an agent is drained when the end of its last task is acknowledged', () => {
  const { world, agent, ask } = scene();
  const id = subscribe(world);
  const frameworkId = { value: id };
  const { id: offerId } = offer(world, id, agent.id);
  const launch = { taskInfos: [taskInfo('t', agent.id)] };
  const accept = { offerIds: [offerId], operations: [{ type: 'LAUNCH' as const, launch }] };
  world.call({ type: 'ACCEPT', frameworkId, accept }, stream);
  ask({ kind: 'drain', markGone: false });
  expect(world.messages('DrainSlaveMessage')).toEqual([{ config: { markGone: false } }]);
  expect(agent.drain?.state).toBe('DRAINING');
  expect(ask({ kind: 'reactivate' })).toEqual([400, 'Agent is still in the DRAINING state']);
  const uuid = new Uint8Array(16).fill(1);
  const taskId = { value: 't' };
  const status = { taskId, state: 'TASK_KILLED' as const, uuid };
  const agentId = { value: agent.id };
  const update = { frameworkId, agentId, status, timestamp: 1, uuid };
  world.step({ type: 'StatusUpdate', from: agentPid, message: { update } });
  world.call({ type: 'ACKNOWLEDGE', frameworkId, acknowledge: { agentId, taskId, uuid } }, stream);
  expect(agent.drain?.state).toBe('DRAINED');
  expect(ask({ kind: 'reactivate' })).toEqual([200, undefined]);
});

test('an agent is drained when the framework of its last task is removed', () => {
  const { world, agent, ask } = scene();
  const id = subscribe(world);
  const { id: offerId } = offer(world, id, agent.id);
  const launch = { taskInfos: [taskInfo('t', agent.id)] };
  const accept = { offerIds: [offerId], operations: [{ type: 'LAUNCH' as const, launch }] };
  world.call({ type: 'ACCEPT', frameworkId: { value: id }, accept }, stream);
  ask({ kind: 'drain', markGone: false });
  world.call({ type: 'TEARDOWN', frameworkId: { value: id } }, stream);
  expect(agent.drain?.state).toBe('DRAINED');
});

test('an agent without tasks goes at once when it is to be gone after it is drained', () => {
  const { world, agent, ask } = scene();
  expect(ask({ kind: 'drain', markGone: true })).toEqual([200, undefined]);
  expect(world.state.agents.gone.has(agent.id)).toBe(true);
  expect(world.messages('ShutdownMessage')).toEqual([{ message: 'Agent has been marked gone' }]);
  expect(ask({ kind: 'markGone' })).toEqual([200, undefined]);
  expect(ask({ kind: 'deactivate' })).toEqual([400, 'Unknown agent']);
});

test('what cannot be is refused', () => {
  const { world, agent, ask } = scene();
  expect(ask({ kind: 'markGone' }, 'nosuch')).toEqual([404, "Agent 'nosuch' not found"]);
  expect(ask({ kind: 'drain', markGone: false }, 'nosuch')).toEqual([400, 'Unknown agent']);
  agent.capabilities = new Set();
  expect(ask({ kind: 'drain', markGone: false })).toEqual([
    400,
    `Agent ${agent.id} is not capable of draining`,
  ]);
  world.state.agents.markingUnreachable.add(agent.id);
  expect(ask({ kind: 'markGone' })[0]).toBe(503);
});

test('what an operator said of an agent holds while it is away', () => {
  const registry = { agents: { agents: [{ info: { hostname: 'h', id: { value: 'old' } } }] } };
  const world = createWorld({ registry });
  const ask = (change: ChangeAgent['change']) =>
    world.step({ type: 'ChangeAgent', requestId: 'r', agentId: 'old' as AgentId, change });
  ask({ kind: 'drain', markGone: false });
  expect(world.state.agents.recovered.get('old' as AgentId)).toMatchObject({
    deactivated: true,
    drain: { state: 'DRAINING' },
  });
});
