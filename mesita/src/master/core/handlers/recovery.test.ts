import type { AgentId, FrameworkId, Pid } from '@mesita/sdk/base';
import { describe, expect, test } from 'vitest';
import {
  agentInfo,
  createWorld,
  register,
  reregistration,
  subscribe,
  type World,
} from '../testing/world.ts';

const minutes = 60_000;
const ids = ['a', 'b', 'c'] as const;
const registry = {
  agents: { agents: ids.map((value) => ({ info: { ...agentInfo, id: { value } } })) },
};
const unreachable = (world: World) => [...world.state.agents.unreachable.keys()];

describe('the rate of removals', () => {
  const config = { agentRemovalIntervalMs: 5 * minutes };

  test('spaces out those that do not come back after a failover', () => {
    const world = createWorld({ registry, config });
    world.advance(10 * minutes);
    expect(unreachable(world)).toEqual(['a']);
    world.advance(4 * minutes);
    world.step(reregistration('b' as AgentId));
    world.advance(1 * minutes);
    expect(unreachable(world)).toEqual(['a', 'c']);
    expect(world.state.counters.get('master/slave_unreachable_scheduled')).toBe(3);
    expect(world.state.counters.get('master/slave_unreachable_canceled')).toBe(1);
    expect(world.state.counters.get('master/slave_unreachable_completed')).toBe(2);
  });

  test('holds when the clock is set back', () => {
    const world = createWorld({ registry, config });
    world.setClock(-180 * minutes);
    world.advance(10 * minutes);
    world.advance(10 * minutes);
    expect(unreachable(world).length).toBeGreaterThanOrEqual(2);
    world.setClock(-180 * minutes);
    world.advance(10 * minutes);
    expect(unreachable(world)).toEqual(['a', 'b', 'c']);
  });

  test('spares an agent that answers before its turn', () => {
    const world = createWorld({ config });
    const pids = ['slave(1)@10.0.0.2:5051', 'slave(1)@10.0.0.3:5051'] as Pid[];
    const [first, second] = pids.map((pid) => register(world, agentInfo, pid)) as [
      AgentId,
      AgentId,
    ];
    world.advance(80_000);
    expect(unreachable(world)).toEqual([first]);
    const { observer } = world.state.agents.registered.get(second)!;
    world.step({ type: 'AgentPonged', from: pids[1]!, observer });
    for (let beat = 0; beat < 30; beat++) {
      world.advance(14_000);
      world.step({ type: 'AgentPonged', from: pids[1]!, observer });
    }
    expect(unreachable(world)).toEqual([first]);
    expect(world.state.counters.get('master/slave_unreachable_canceled')).toBe(1);
  });
});

test('of the messages of an agent that comes back, the newest counts', () => {
  const world = createWorld({ isSlow: true });
  const moved = 'slave(1)@10.0.0.2:6061' as Pid;
  world.step(reregistration('x' as AgentId));
  world.step({ ...reregistration('x' as AgentId), from: moved });
  world.settle();
  expect(world.messages('SlaveReregisteredMessage')).toEqual([]);
  world.settle();
  expect(world.sent.filter(({ message }) => message.name === 'SlaveReregisteredMessage')).toEqual([
    expect.objectContaining({ to: moved }),
  ]);
  expect([...world.state.agents.byPid.keys()]).toEqual([moved]);
  expect(world.state.agents.reregistering.size).toBe(0);
});

describe('a framework that went away before its master did', () => {
  const info = { user: 'u', name: 'fw', failoverTimeout: 3600, id: { value: 'm-0000' } };
  const id = info.id.value as FrameworkId;
  const agents = { agents: [{ info: { ...agentInfo, id: { value: 'a' } } }] };
  const isThere = (world: World) => world.state.frameworks.registered.has(id);
  const returnOfAgent = (failoverTimeout: number) =>
    reregistration('a' as AgentId, { frameworks: [{ ...info, failoverTimeout }] });

  function leave() {
    const world = createWorld();
    register(world);
    const { id: _, ...fresh } = info;
    expect(subscribe(world, fresh)).toBe(id);
    world.step({ type: 'StreamClosed', stream: 'stream' as never });
    return world;
  }

  test('is written down until it is back', () => {
    const world = leave();
    expect(world.registry.frameworks).toEqual([
      { id: info.id, until: { nanoseconds: 1_700_003_600_000_000_000n } },
    ]);
    subscribe(world, info);
    expect(world.registry.frameworks).toBeUndefined();
  });

  test('has the rest of its time under the next master', () => {
    const { frameworks } = leave().registry;
    const world = createWorld({ registry: { agents, frameworks } });
    world.step(returnOfAgent(info.failoverTimeout));
    world.advance(59 * minutes);
    expect(isThere(world)).toBe(true);
    world.advance(1 * minutes);
    expect(isThere(world)).toBe(false);
    expect(world.registry.frameworks).toBeUndefined();
  });

  test('has the time of agents when its own ran out while nobody led', () => {
    const frameworks = [{ id: info.id, until: { nanoseconds: 1n } }];
    const world = createWorld({ registry: { agents, frameworks } });
    world.step(returnOfAgent(0));
    world.advance(9 * minutes);
    subscribe(world, info);
    world.advance(60 * minutes);
    expect(isThere(world)).toBe(true);
  });

  test('is ended when it does not come back after a failover that it did not see', () => {
    const world = createWorld({ registry: { agents } });
    world.step(returnOfAgent(0));
    world.advance(10 * minutes);
    expect(isThere(world)).toBe(false);
  });

  test('of which nobody tells is forgotten in the end', () => {
    const frameworks = [{ id: info.id, until: { nanoseconds: 1n } }];
    const world = createWorld({ registry: { frameworks } });
    world.advance(15 * minutes);
    expect(world.registry.frameworks).toBeUndefined();
  });
});
