import { setImmediate } from 'node:timers/promises';
import type { FrameworkId, Logger } from '@mesita/sdk/base';
import type { AllocatorContext } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import { createRandom } from '../sim/world/random.ts';
import { createTimeline } from '../sim/world/timeline.ts';
import { Framework, type Scene } from './framework.ts';
import { createLeases } from './leases.ts';
import { type Account, createLedger, type Sample } from './ledger.ts';
import type { CreateAllocator } from './load-allocator.ts';
import type { AgentPlan, Setting, Workload } from './workload/workload.ts';

/** What one allocator made of a workload. Times in milliseconds. */
export interface Outcome {
  readonly allocator: string;
  readonly samples: readonly Sample[];
  readonly accounts: readonly Account[];
  /** Of the tasks that were launched, sorted. */
  readonly waits: readonly number[];
  /** Of those that still waited at the end, sorted. */
  readonly openWaits: readonly number[];
  /** Real time of each run, sorted; empty when the allocator does not measure. */
  readonly runTimes: readonly number[];
  /** Real time of everything. */
  readonly tookMs: number;
  /** What the allocator complained about, the first of them. */
  readonly complaints: readonly string[];
}

export interface Progress {
  readonly allocator: string;
  readonly atMs: number;
  readonly endMs: number;
  readonly launched: number;
  readonly waiting: number;
}

interface SimulationOptions {
  readonly allocator: string;
  readonly create: CreateAllocator;
  readonly seed: number;
  readonly onProgress: (progress: Progress) => void;
}

const SAMPLES = 300;
const SLICE_MS = 100;
const COMPLAINTS = 20;

/** Drives the allocator through the workload on virtual time. Equal arguments give equal outcomes. */
export async function runSimulation(
  workload: Workload,
  { allocator: name, create, seed, onProgress }: SimulationOptions,
): Promise<Outcome> {
  const started = performance.now();
  const { endMs } = workload;
  const clock = createTimeline(0);
  const runTimes: number[] = [];
  const complaints: string[] = [];
  const context: AllocatorContext = {
    clock,
    random: createRandom(`allocator ${seed}`),
    log: complainTo(complaints),
    startTimer: stopWatch(runTimes),
  };
  const allocator = await create(context);
  const scene: Scene = {
    clock,
    random: createRandom(`latency ${seed}`),
    allocator,
    ledger: createLedger(Resources.sum(workload.agents.map(({ total }) => total))),
    leases: createLeases(),
    waits: [],
  };
  const frameworks = start(workload, scene);
  const samples: Sample[] = [];
  for (let i = 0; i <= SAMPLES; i++) {
    clock.setTimer((endMs * i) / SAMPLES, () => samples.push(scene.ledger.sample(clock.now())));
  }
  for (let sliceEnds = 0; clock.runNext(endMs); ) {
    if (performance.now() < sliceEnds) continue;
    const waiting = samples.at(-1)?.waitingTasks ?? 0;
    const launched = scene.waits.length;
    onProgress({ allocator: name, atMs: clock.now(), endMs, launched, waiting });
    await setImmediate();
    sliceEnds = performance.now() + SLICE_MS;
  }
  return {
    allocator: name,
    samples,
    accounts: scene.ledger.accounts,
    waits: scene.waits.sort((a, b) => a - b),
    openWaits: frameworks.flatMap((each) => each.openWaits()).sort((a, b) => a - b),
    runTimes: runTimes.sort((a, b) => a - b),
    tookMs: performance.now() - started,
    complaints,
  };
}

/** Everything that happens by itself goes on the timeline. */
function start(workload: Workload, scene: Scene): Framework[] {
  const { clock, allocator } = scene;
  const frameworks = workload.frameworks.map((plan) => new Framework(plan, scene));
  const byId = new Map<FrameworkId, Framework>(frameworks.map((each) => [each.plan.id, each]));
  allocator.initialize(workload.options, {
    offer: (id, offers) => byId.get(id)?.receive(offers),
    inverseOffer() {},
  });
  for (const setting of workload.settings) clock.setTimer(setting.atMs, () => set(setting, scene));
  for (const agent of workload.agents) schedule(agent, scene);
  for (const framework of frameworks) {
    const { joinsAtMs, leavesAtMs } = framework.plan;
    clock.setTimer(joinsAtMs, () => framework.join());
    if (leavesAtMs !== undefined) clock.setTimer(leavesAtMs, () => framework.leave());
  }
  return frameworks;
}

function schedule(plan: AgentPlan, { clock, allocator, ledger, leases }: Scene): void {
  const { id, info, capabilities, total, joinsAtMs, leavesAtMs } = plan;
  clock.setTimer(joinsAtMs, () => {
    ledger.addTotal(total, 1);
    allocator.addAgent(id, info, capabilities, undefined, total, new Map());
  });
  if (leavesAtMs === undefined) return;
  clock.setTimer(leavesAtMs, () => {
    leases.endOf(id);
    ledger.addTotal(total, -1);
    allocator.removeAgent(id);
  });
}

function set(setting: Setting, { allocator, ledger }: Scene): void {
  const { role } = setting;
  if ('quota' in setting) {
    allocator.updateQuota(role, setting.quota);
    return;
  }
  ledger.setWeight(role, setting.weight);
  allocator.updateWeights([{ role, weight: setting.weight }]);
}

function stopWatch(runTimes: number[]): NonNullable<AllocatorContext['startTimer']> {
  return (name) => {
    const begun = performance.now();
    return () => {
      if (name === 'allocation_run') runTimes.push(performance.now() - begun);
    };
  };
}

function complainTo(complaints: string[]): Logger {
  const note = (text: string, fields?: object) => {
    if (complaints.length < COMPLAINTS)
      complaints.push(fields === undefined ? text : `${text} ${JSON.stringify(fields)}`);
  };
  return { debug() {}, info() {}, warn: note, error: note };
}
