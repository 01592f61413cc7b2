import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { Allocator } from '@mesita/sdk/module';
import { ResourceLimits, ResourceQuantities, Resources } from '@mesita/sdk/resources';
import { describe, expect, it } from 'vitest';
import { HierarchicalAllocator } from '../../allocator/hierarchical-allocator.ts';
import { createRandom } from '../../sim/world/random.ts';
import { createTimeline, type Timeline } from '../../sim/world/timeline.ts';
import { workloadOf } from '../workload/from-trace.ts';
import { defaultOptions } from '../workload/workload.ts';
import { readArguments, writeArguments } from './calls.ts';
import { parseTrace } from './file.ts';
import { createRecorder } from './recorder.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const agent = 'a1' as AgentId;
const framework = 'f1' as FrameworkId;

/** An allocator whose offers are kept as text. */
function createAllocator(clock: Timeline, startTimer?: () => () => void) {
  const random = createRandom('trace');
  return new HierarchicalAllocator({ clock, random, log, ...(startTimer && { startTimer }) });
}

function initialize(allocator: Allocator): { text: string[]; last: Resources[] } {
  const text: string[] = [];
  const last: Resources[] = [];
  allocator.initialize(defaultOptions, {
    offer(id, roles) {
      for (const [role, agents] of roles) {
        for (const [on, resources] of agents) {
          text.push(`${id} ${role} ${on} ${resources}`);
          last.push(resources);
        }
      }
    },
    inverseOffer() {},
  });
  return { text, last };
}

/** A short life: a launch, an end, a quota, a maintenance. */
function live(allocator: Allocator, clock: Timeline, last: Resources[]): void {
  const wait = (until: number) => {
    while (clock.runNext(until));
  };
  allocator.recover(2, new Map());
  allocator.updateWeights([{ role: 'web', weight: 2 }]);
  const total = unwrap(Resources.parse('cpus:4;mem:512;ports:[1-9];cpus(web):1'));
  const info = { hostname: 'h', id: { value: agent } };
  allocator.addAgent(agent, info, [{ type: 'MULTI_ROLE' }], undefined, total, new Map());
  const subscription = {
    user: 'u',
    name: 'n',
    id: { value: framework },
    roles: ['web'],
    capabilities: [{ type: 'MULTI_ROLE' } as const],
  };
  const options = { suppressedRoles: new Set<string>() };
  allocator.addFramework(framework, subscription, new Map(), true, options);
  wait(500);
  const task = unwrap(Resources.parse('cpus:2;mem:64')).allocate('web');
  const offered = last.pop() ?? Resources.empty;
  allocator.pause();
  allocator.recoverResources(framework, agent, offered.subtract(task), { refuseSeconds: 2 }, false);
  allocator.transitionOfferedToAllocated(agent, task);
  allocator.resume();
  wait(4000);
  allocator.recoverResources(framework, agent, task, undefined, true);
  allocator.updateQuota('web', {
    guarantees: ResourceQuantities.empty,
    limits: unwrap(ResourceLimits.parse('cpus:3')),
  });
  allocator.updateUnavailability(agent, { start: { nanoseconds: 5_000_000_000n } });
  allocator.suppressOffers(framework, new Set());
  allocator.updateWhitelist(undefined);
  wait(6000);
}

function record(): { lines: string[]; text: string[] } {
  const clock = createTimeline(1_700_000_000_000);
  const lines: string[] = [];
  const recorder = createRecorder({ now: () => clock.now(), write: (line) => lines.push(line) });
  const allocator = recorder.record(
    createAllocator(clock, recorder.startTimer as () => () => void),
  );
  const { text, last } = initialize(allocator);
  live(allocator, createOffset(clock), last);
  return { lines, text };
}

/** The same timeline, told in times since its start. */
function createOffset(clock: Timeline): Timeline {
  const start = clock.now();
  return {
    startedAt: 0,
    now: () => clock.now() - start,
    setTimer: (delay, callback) => clock.setTimer(delay, callback),
    runNext: (limit) => clock.runNext(start + limit),
    done: 0,
  };
}

describe('a recording', () => {
  it('begins with a header and has a line for each call and each run', () => {
    const { lines } = record();
    const [header, ...rest] = lines.map((line) => JSON.parse(line));
    expect(header).toMatchObject({
      trace: 'mesita-allocations',
      version: 1,
      started: '2023-11-14T22:13:20.000Z',
      options: { allocationIntervalMs: 1000 },
    });
    expect(rest[1]).toEqual({
      t: 0,
      call: 'updateWeights',
      arguments: { weights: [{ role: 'web', weight: 2 }] },
    });
    expect(rest.find(({ run }) => run?.offers)).toEqual({
      t: 0,
      run: {
        took_ms: 0,
        offers: { f1: { web: { a1: expect.arrayContaining([expect.anything()]) } } },
      },
    });
    expect(rest.filter(({ run }) => run).length).toBeGreaterThan(5);
  });

  it('holds enough to make the same calls again', () => {
    const { lines, text } = record();
    const { lines: trace } = parseTrace(lines, 'x');
    const clock = createTimeline(0);
    const allocator = createAllocator(clock);
    const again = initialize(allocator);
    for (const line of trace) {
      // Calls of one moment come together, before the run they ask for.
      if ('run' in line || line.t > clock.now()) while (clock.runNext(line.t));
      if (!('call' in line)) continue;
      const args = readArguments(line.call, line.arguments);
      expect(writeArguments(line.call, args)).toEqual(line.arguments);
      (allocator as unknown as Record<string, (...args: unknown[]) => void>)[line.call]?.(...args);
    }
    expect(again.text).toEqual(text);
  });

  it('becomes a workload: who was there, and which tasks ran for how long', () => {
    const { lines } = record();
    const workload = workloadOf(parseTrace(lines, 'x'), 'x');
    expect(workload.agents.map(({ id, joinsAtMs }) => [id, joinsAtMs])).toEqual([['a1', 0]]);
    expect(workload.frameworks).toMatchObject([
      { id: 'f1', roles: ['web'], suppresses: true, refuseSeconds: 2 },
    ]);
    const [{ wishes } = { wishes: [] }] = workload.frameworks;
    expect(wishes.map(({ atMs, needs, durationMs }) => [atMs, String(needs), durationMs])).toEqual([
      [500, 'cpus(allocated: web):2; mem(allocated: web):64', 3500],
    ]);
    expect(workload.settings).toMatchObject([
      { atMs: 0, role: 'web', weight: 2 },
      { atMs: 4000, role: 'web' },
    ]);
  });

  it('may end in the middle of a line, and nowhere else', () => {
    const { lines } = record();
    const cut = [...lines.slice(0, 3), '{"t":1,"ca'];
    expect(parseTrace(cut, 'x').lines.length).toBe(2);
    expect(() => parseTrace([...cut, lines[3] as string], 'x')).toThrow('x:4: not a JSON object');
    expect(() => parseTrace(['{}'], 'x')).toThrow('x is no recording of allocations');
    expect(() => parseTrace([], 'x')).toThrow('x is empty');
  });
});
