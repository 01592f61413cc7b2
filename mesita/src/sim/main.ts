// `npm run sim -- --seed 7`: one simulation, its figures, and on failure its story. With `--seeds`
// many of them; `--nightly` is thousands of short worlds.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { campaign, type Shape, shortWorld } from './campaign.ts';
import { type SimulationReport, simulate } from './simulation.ts';
import { type FaultPoint, faultPointNames } from './world/fault-points.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    masters: { type: 'string', default: '3' },
    agents: { type: 'string', default: '50' },
    frameworks: { type: 'string', default: '5' },
    hours: { type: 'string', default: '1' },
    /** So many seeds from the first one on; only failures are shown whole. */
    seeds: { type: 'string' },
    /** Short worlds of several kinds instead of those described; by default 5000 of them. */
    nightly: { type: 'boolean', default: false },
    /** Masters give up agents in seconds. */
    hasty: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
  },
});

const write = (text: string) => void process.stdout.write(`${text}\n`);
const firstSeed = Number(values.seed);
const shape: Shape = {
  masters: Number(values.masters),
  agents: Number(values.agents),
  frameworks: Number(values.frameworks),
  hours: Number(values.hours),
  isHasty: values.hasty,
};

function show(report: SimulationReport, seconds: number): void {
  const { seed, virtualMs, events, launched, finished, failed, killed, lost, hash } = report;
  const lines = [
    `seed ${seed}: ${(virtualMs / 3_600_000).toFixed(2)} h of virtual time in ${seconds.toFixed(1)} s, ` +
      `${events} events, ${Math.round(events / seconds)} a second`,
    `tasks: ${launched} launched, ${finished} finished, ${failed} failed, ${killed} killed, ${lost} lost`,
    `masters: ${report.terms} terms, ${report.stepDowns} stepped down; ` +
      `${report.freezes} freezes, ${report.clockJumps} clock jumps`,
    `restarts: ${report.masterRestarts} of masters, ${report.agentRestarts} of agents ` +
      `(${report.reboots} boots), ${report.frameworkRestarts} of schedulers`,
    `network: ${report.brokenLinks} connections broken, ${report.partitions} partitions, ` +
      `${report.dropped} messages dropped`,
    `hash ${hash}`,
  ];
  write(lines.join('\n'));
}

function showFailure({ seed, virtualMs, failure }: SimulationReport): void {
  const at = (virtualMs / 1000).toFixed(3);
  write(`seed ${seed} FAILED at ${at}s: ${failure?.text}\n  ${failure?.story}`);
  process.exitCode = 1;
}

function showPoints(struck: ReadonlyMap<FaultPoint, number>): void {
  const total = [...struck.values()].reduce((sum, times) => sum + times, 0);
  const never = faultPointNames.filter((point) => !struck.has(point));
  write(
    `fault points: ${struck.size} of ${faultPointNames.length} struck, ${total} times` +
      (never.length > 0 ? `; never: ${never.join(', ')}` : ''),
  );
}

async function runOne(): Promise<void> {
  const began = performance.now();
  const onLine = values.log ? write : undefined;
  const report = await simulate({ ...shape, seed: firstSeed, onLine });
  show(report, (performance.now() - began) / 1000);
  showPoints(report.struck);
  if (report.failure) showFailure(report);
}

async function runMany(seeds: number, shapeOf: (seed: number) => Shape): Promise<void> {
  const began = performance.now();
  const { failures, struck } = await campaign({
    ...{ firstSeed, seeds, shapeOf },
    onReport(report) {
      if (report.failure) showFailure(report);
      else if (!values.nightly) write(`seed ${report.seed} ok ${report.hash}`);
      return false;
    },
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  write(`${seeds} seeds in ${seconds} s, ${failures.length} failed`);
  showPoints(struck);
}

if (values.nightly) await runMany(Number(values.seeds ?? 5000), shortWorld);
else if (values.seeds !== undefined) await runMany(Number(values.seeds), () => shape);
else await runOne();
