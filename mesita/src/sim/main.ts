// `npm run sim -- --seed 7`: one simulation, its figures, and on failure its story.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type SimulationReport, simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    masters: { type: 'string', default: '3' },
    agents: { type: 'string', default: '50' },
    frameworks: { type: 'string', default: '5' },
    hours: { type: 'string', default: '1' },
    /** So many seeds from the first one on; only failures are shown whole. */
    seeds: { type: 'string', default: '1' },
    log: { type: 'boolean', default: false },
  },
});

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
  process.stdout.write(`${lines.join('\n')}\n`);
}

function showFailure({ seed, virtualMs, failure }: SimulationReport): void {
  const at = (virtualMs / 1000).toFixed(3);
  process.stdout.write(`seed ${seed} FAILED at ${at}s: ${failure?.text}\n  ${failure?.story}\n`);
}

const first = Number(values.seed);
const count = Number(values.seeds);
for (let seed = first; seed < first + count; seed++) {
  const began = performance.now();
  const report = await simulate({
    seed,
    masters: Number(values.masters),
    agents: Number(values.agents),
    frameworks: Number(values.frameworks),
    hours: Number(values.hours),
    onLine: values.log ? (line) => process.stdout.write(`${line}\n`) : undefined,
  });
  if (count === 1) show(report, (performance.now() - began) / 1000);
  else process.stdout.write(`seed ${seed} ${report.failure ? 'failed' : `ok ${report.hash}`}\n`);
  if (!report.failure) continue;
  showFailure(report);
  process.exitCode = 1;
}
