import { type AgentId, type FrameworkId, type StreamId, unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import { describe, expect, test } from 'vitest';
import { createWorld, offer, register, subscribe, type World } from '../testing/world.ts';

const stream = 's' as StreamId;

function ask(world: World, event: Parameters<World['step']>[0] & { requestId: string }) {
  world.step(event);
  const { status, body } = world.responses.find((r) => r.requestId === event.requestId) ?? {};
  return body === undefined ? status : `${status} ${body}`;
}

function used(world: World): string[] {
  const calls = world.calls.map(({ method }) => method);
  world.calls.length = 0;
  return calls;
}

describe('weights', () => {
  const update = (world: World, role: string, weight: number) =>
    ask(world, {
      type: 'UpdateWeights',
      requestId: `${role}${weight}`,
      weights: [{ role, weight }],
    });

  test('of a role with frameworks take all offers back', () => {
    const world = createWorld();
    const agentId = register(world);
    const id = subscribe(world, { role: 'a' }, stream);
    offer(world, id, agentId, 'cpus:1', 'a', stream);
    used(world);
    expect(update(world, 'other', 2)).toBe(200);
    expect(used(world)).toEqual(['updateWeights']);
    expect(update(world, ' a ', 3)).toBe(200);
    expect(used(world)).toEqual(['updateWeights', 'recoverResources']);
    expect(world.events(stream).at(-1)?.type).toBe('RESCIND');
    expect(Object.fromEntries(world.state.weights)).toEqual({ other: 2, a: 3 });
  });

  test('wait for nobody before the registry is read', () => {
    const world = createWorld({ isRecovered: false });
    expect(update(world, 'a', 2)).toBe('503 Master has not finished recovery');
  });

  test('are refused with their role', () => {
    const world = createWorld({ config: { rolesWhitelist: new Set(['*', 'a']) } });
    expect([update(world, 'a', 0), update(world, 'b', 1), update(world, '-x', 1)]).toEqual([
      "400 Failed to validate update weights request JSON for role 'a': Invalid weight '0': Weights must be positive",
      "400 Failed to validate update weights request JSON: Unknown role 'b'",
      "400 Failed to validate update weights request JSON: Invalid role '-x': Role component '-x' is invalid because it starts with a dash",
    ]);
    expect(world.state.weights.size).toBe(0);
  });
});

describe('quotas', () => {
  let requests = 0;
  const cpus = (value: number) => ({ cpus: { value } });
  const update = (world: World, limits: number | undefined, guarantees?: number, force = false) =>
    ask(world, {
      type: 'UpdateQuota',
      requestId: `q${requests++}`,
      configs: [
        {
          role: 'a',
          ...(limits !== undefined && { limits: cpus(limits) }),
          ...(guarantees !== undefined && { guarantees: cpus(guarantees) }),
        },
      ],
      force,
    });

  function offered(world: World, agentId: AgentId, role: string, text: string): FrameworkId {
    const id = subscribe(world, { role }, role as StreamId);
    offer(world, id, agentId, text, role, role as StreamId);
    return id;
  }

  test('below what is offered take offers back, of the role and no other', () => {
    const world = createWorld();
    const agentId = register(world);
    offered(world, agentId, 'a', 'cpus:2');
    offered(world, agentId, 'b', 'cpus:1');
    expect(update(world, 2)).toBe(200);
    expect(world.state.offers.size).toBe(2);
    expect(update(world, 1)).toBe(200);
    expect([...world.state.offers.values()].map(({ role }) => role)).toEqual(['b']);
    expect(update(world, undefined)).toBe(200);
    expect(world.state.quotas.get('a')?.limits.isUnlimited).toBe(true);
  });

  test("guarantee resources out of others' offers", () => {
    const world = createWorld();
    const agentId = register(world);
    offered(world, agentId, 'a', 'cpus:1');
    offered(world, agentId, 'b', 'cpus:2');
    expect(update(world, undefined, 1)).toBe(200);
    expect([...world.state.offers.values()].map(({ role }) => role)).toEqual(['a']);
  });

  test('that do not fit need force', () => {
    const world = createWorld();
    const agentId = register(world);
    const id = subscribe(world, { role: 'a' }, stream);
    const total = world.state.agents.registered.get(agentId)?.total.nonRevocable().scalars();
    expect(update(world, undefined, 1000)).toBe(
      `400 Invalid QuotaConfig: total quota guarantees 'cpus:1000' exceed cluster capacity '${total?.quantities()}' (use 'force' flag to bypass this check)`,
    );
    expect(update(world, undefined, 1000, true)).toBe(200);
    const framework = world.state.frameworks.registered.get(id);
    if (!framework) throw new Error('no framework');
    framework.totalUsed = unwrap(Resources.parse('cpus:2')).allocate('a');
    expect(update(world, 1)).toMatch(/^400 .*Role 'a' is already consuming 'cpus:2'/);
  });
});
