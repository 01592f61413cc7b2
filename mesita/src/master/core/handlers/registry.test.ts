import type { AgentId, Pid } from '@mesita/sdk/base';
import { describe, expect, test } from 'vitest';
import { applyOperation } from '../registry/apply-operation.ts';
import { agentInfo, createWorld, register, reregistration } from '../testing/world.ts';

describe('after a failover', () => {
  const info = { ...agentInfo, id: { value: 'old-S0' } };
  const registry = { agents: { agents: [{ info, deactivated: true }] } };
  const frameworkInfo = { user: 'u', name: 'fw', id: { value: 'fw' } };
  const task = {
    name: 't',
    taskId: { value: 't' },
    frameworkId: { value: 'fw' },
    agentId: { value: 'old-S0' },
    state: 'TASK_RUNNING',
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, allocationInfo: { role: 'r' } },
    ],
  };

  test('agents come back with their tasks, and frameworks are known from them', () => {
    const world = createWorld({ registry });
    expect(world.state.agents.recovered.size).toBe(1);
    world.step(reregistration('old-S0' as AgentId, { tasks: [task], frameworks: [frameworkInfo] }));
    const framework = world.state.frameworks.registered.get('fw' as never);
    expect(framework).toMatchObject({ recovered: true, active: false });
    expect(String(framework?.totalUsed)).toBe('cpus(allocated: r):1');
    // It holds something of a role that it has not subscribed to.
    expect([...world.state.frameworks.roles.keys()].sort()).toEqual(['*', 'r']);
    expect(world.state.agents.registered.get('old-S0' as never)).toMatchObject({
      deactivated: true,
      active: false,
    });
    expect(world.state.agents.recovered.size).toBe(0);
  });

  test('agents that do not come back in time are unreachable', () => {
    const world = createWorld({ registry });
    world.advance(601_000);
    expect(world.registry).toMatchObject({
      agents: { agents: [] },
      unreachable: { agents: [{ id: { value: 'old-S0' }, deactivated: true }] },
    });
    expect(world.state.counters.get('master/recovery_slave_removals')).toBe(1);
    // The registry forgets it, when it has been away for long enough.
    world.advance(15 * 86_400_000);
    expect(world.state.agents.unreachable.size).toBe(0);
    expect(world.registry.unreachable?.agents).toEqual([]);
  });

  test('too many missing agents stop the master', () => {
    const world = createWorld({ registry, config: { recoveryAgentRemovalLimit: 0.5 } });
    world.advance(601_000);
    expect(world.exits[0]).toContain('Post-recovery agent removal limit exceeded!');
    expect(world.state.agents.recovered.size).toBe(1);
  });

  test('nobody is served before the registry is recovered', () => {
    const world = createWorld({ isRecovered: false });
    const call = { type: 'REVIVE' as const, frameworkId: { value: 'fw' } };
    expect(world.call(call)).toMatchObject({ status: 503 });
    world.step(reregistration('old-S0' as AgentId));
    expect(world.sent).toEqual([]);
  });
});

describe('agents', () => {
  const pid = 'slave(1)@10.0.0.2:5051' as Pid;

  test('of the same address replace each other', () => {
    const world = createWorld();
    const first = register(world);
    world.step({ type: 'PeerExited', pid });
    const second = register(world);
    expect([...world.state.agents.registered.keys()]).toEqual([second]);
    expect(world.registry.agents?.agents?.map(({ info }) => info.id?.value)).toEqual([second]);
    expect(first).not.toBe(second);
  });

  test('that ask again are answered again', () => {
    const world = createWorld();
    register(world);
    register(world);
    expect(world.messages('SlaveRegisteredMessage')).toHaveLength(2);
    expect(world.state.agents.registered.size).toBe(1);
  });

  test('that were marked gone are shut down', () => {
    const gone = { agents: [{ id: { value: 'x' }, timestamp: { nanoseconds: 1n } }] };
    const world = createWorld({ registry: { gone } });
    world.step(reregistration('x' as AgentId));
    expect(world.messages('ShutdownMessage')).toEqual([{ message: 'Agent has been marked gone' }]);
  });

  test('that this master no longer remembers are admitted again', () => {
    const world = createWorld();
    world.step(reregistration('x' as AgentId));
    expect(world.registry.agents?.agents?.map(({ info }) => info.id?.value)).toEqual(['x']);
  });

  test('may lend out resources, and take them back with the offers of them', () => {
    const world = createWorld();
    const agentId = register(world);
    const update = (value: number) =>
      world.step({
        type: 'UpdateAgent',
        from: pid,
        message: {
          agentId: { value: agentId },
          updateOversubscribedResources: true,
          oversubscribedResources: [
            { name: 'cpus', type: 'SCALAR', scalar: { value }, revocable: {} },
          ],
        },
      });
    update(2);
    const agent = world.state.agents.registered.get(agentId);
    expect(String(agent?.total)).toBe('cpus:4; mem:1024; cpus{REV}:2');
    world.calls.length = 0;
    update(2);
    expect(world.calls).toEqual([]);
    update(1);
    expect(String(agent?.total)).toBe('cpus:4; mem:1024; cpus{REV}:1');
    expect(world.calls.map(({ method }) => method)).toEqual(['updateAgent']);
  });
});

test('registry operations that do not apply change nothing and say why', () => {
  const id = { value: 'a' };
  const time = { nanoseconds: 1n };
  const errors = (
    [
      { type: 'UpdateAgent', info: { ...agentInfo, id } },
      { type: 'RemoveAgent', id },
      { type: 'MarkAgentUnreachable', id, time },
      { type: 'MarkAgentGone', id, time },
    ] as const
  ).map((operation) => applyOperation({}, operation));
  expect(errors).toEqual([
    { ok: false, error: 'Agent not yet admitted' },
    { ok: false, error: 'Agent not yet admitted' },
    { ok: false, error: 'Agent not yet admitted' },
    { ok: false, error: 'Failed to find agent a' },
  ]);
});
