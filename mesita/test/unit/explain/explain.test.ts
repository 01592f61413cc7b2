import type { AgentId, FrameworkId, Pid } from '@mesita/sdk/base';
import type { Allocator } from '@mesita/sdk/module';
import { describe, expect, it } from 'vitest';
import { HierarchicalAllocator } from '../../../src/allocator/hierarchical-allocator.ts';
import { SeededRandom } from '../../../src/allocator/testing/seeded-random.ts';
import { VirtualClock } from '../../../src/allocator/testing/virtual-clock.ts';
import type { Answer } from '../../../src/cli/explain/answer.ts';
import { listFrameworks, tellStory } from '../../../src/cli/explain/story.ts';
import {
  agentInfo,
  createWorld,
  register,
  subscribe,
  type World,
} from '../../../src/master/core/testing/world.ts';
import { explain } from '../../../src/master/http/explain.ts';
import type { MasterSurface } from '../../../src/master/http/surface.ts';
import { allowEverything } from '../../../src/net/authorization.ts';
import { createRequest } from '../../../src/net/request.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const style = {
  bold: (text: string) => text,
  dim: (text: string) => text,
  red: (text: string) => text,
  green: (text: string) => text,
};

/** A master's core whose calls go to a real allocator; time passes when told to. */
function createScene() {
  const world = createWorld();
  const clock = new VirtualClock();
  const allocator: Allocator = new HierarchicalAllocator({
    clock,
    random: new SeededRandom(1),
    log,
  });
  const offered: [FrameworkId, Parameters<Allocator['recoverResources']>[2], AgentId][] = [];
  allocator.initialize(OPTIONS, {
    offer(framework, roles) {
      for (const agents of roles.values())
        for (const [agent, resources] of agents) offered.push([framework, resources, agent]);
    },
    inverseOffer() {},
  });
  function settle() {
    for (const { method, arguments: args } of world.calls.splice(0))
      (allocator[method] as (...args: readonly unknown[]) => void)(...args);
    clock.settle();
  }
  return { world, clock, allocator, offered, settle };
}

const OPTIONS = {
  allocationIntervalMs: 1000,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set<string>(),
  filterGpuResources: true,
  minAllocatable: [],
  recoveryTimeoutMs: 600_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 5,
  publishPerFrameworkMetrics: true,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};

function surfaceOf(world: World, allocator?: Allocator): MasterSurface {
  const ask = allocator?.explain?.bind(allocator);
  const surface = { state: world.state, authorization: allowEverything };
  return { ...surface, ...(ask && { explain: ask }) } as unknown as MasterSurface;
}

async function ask(surface: MasterSurface, query: string) {
  const { status, body } = await explain(surface, createRequest(`/explain${query}`));
  return { status, text: body as string };
}

/** A framework that declined what it was offered, and one that holds another agent whole. */
function tellOfTwo() {
  const scene = createScene();
  const { world, clock, allocator, offered, settle } = scene;
  const first = register(world, { ...agentInfo, hostname: 'one' });
  const id = subscribe(world, { name: 'shy', roles: ['web'], capabilities: MULTI_ROLE });
  settle();
  for (const [framework, resources, agent] of offered.splice(0)) {
    clock.advance(1500);
    allocator.recoverResources(framework, agent, resources, { refuseSeconds: 60 }, false);
  }
  register(world, { ...agentInfo, hostname: 'two', port: 5052 }, 'slave(1)@10.0.0.3:5052' as Pid);
  settle();
  return { ...scene, id, first };
}

const MULTI_ROLE = [{ type: 'MULTI_ROLE' } as const];

describe('/explain', () => {
  it('lists the frameworks when none is named', async () => {
    const { world, allocator } = tellOfTwo();
    const { status, text } = await ask(surfaceOf(world, allocator), '');
    expect(status).toBe(200);
    const { frameworks } = JSON.parse(text);
    expect(frameworks).toMatchObject([{ name: 'shy', active: true, roles: ['web'] }]);
    expect(listFrameworks(frameworks)[1]).toMatch(/shy +active +web$/);
  });

  it('tells the gates, the remedy, and the offers made before', async () => {
    const { world, allocator, first } = tellOfTwo();
    const { text } = await ask(surfaceOf(world, allocator), '?framework=shy');
    const answer = JSON.parse(text) as Answer;
    expect(answer.roles[0]?.stopped).toEqual(
      expect.arrayContaining([
        { gate: 'NOTHING_AVAILABLE', agents: 1 },
        { gate: 'OFFER_FILTER', agents: 1 },
      ]),
    );
    expect(answer.roles[0]?.agents).toContainEqual(
      expect.objectContaining({ agent_id: first, hostname: 'one', gate: 'OFFER_FILTER' }),
    );
    expect(answer.offers.map(({ hostname, outcome }) => [hostname, outcome])).toEqual([
      ['two', 'OPEN'],
      ['one', 'DECLINED'],
    ]);
    const story = tellStory(answer, style).map((line) => line.replace(answer.framework.id, '<id>'));
    expect(story.join('\n')).toMatchInlineSnapshot(`
      "shy (<id>)

      role web (2 agents, share 50.00 %)
        ✗ 1 agent: nothing available for this role
            two: everything is held by the framework itself (shy), to whom it was offered 0.0 s ago
            to change it: an answer to these offers, or --offer_timeout
        ✗ 1 agent: refused by the framework a short while ago
            one: the framework refused cpus:4; mem:1024 for another 60.0 s
            to change it: revive the role, or wait

      The last offers (UTC, latest first)
        1970-01-01 00:00:01  open      web  two  cpus:4; mem:1024
        1970-01-01 00:00:00  declined  web  one  cpus:4; mem:1024"
    `);
  });

  it('looks at one agent and one role', async () => {
    const { world, allocator } = tellOfTwo();
    const { text } = await ask(surfaceOf(world, allocator), '?framework=shy&role=ads&agent=two');
    expect(JSON.parse(text).roles).toMatchObject([
      { role: 'ads', stopped: [{ gate: 'ROLE_NOT_SUBSCRIBED', agents: 1 }] },
    ]);
  });

  it('wraps the answer for jsonp', async () => {
    const { world, allocator } = tellOfTwo();
    const { text } = await ask(surfaceOf(world, allocator), '?framework=shy&jsonp=f');
    expect(text).toMatch(/^f\(\{.*\}\)$/);
  });

  it.each([
    ['?framework=nobody', 400, "No framework 'nobody' is registered."],
    ['?framework=shy&agent=nowhere', 400, "No agent 'nowhere' is registered."],
  ])('refuses %s', async (query, status, text) => {
    const { world, allocator } = tellOfTwo();
    expect(await ask(surfaceOf(world, allocator), query)).toEqual({ status, text });
  });

  it('says so when the allocator explains nothing', async () => {
    const { world } = tellOfTwo();
    expect(await ask(surfaceOf(world), '?framework=shy')).toEqual({
      status: 501,
      text: 'The allocator of this master does not explain its decisions.',
    });
  });
});
