import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { loadAllocator } from './load-allocator.ts';
import { renderReport } from './report/page.ts';
import { type Outcome, type Progress, runSimulation } from './simulation.ts';
import { readTraceFile } from './trace/file.ts';
import { workloadOf } from './workload/from-trace.ts';
import { createSynthetic, type SyntheticOptions } from './workload/synthetic.ts';
import type { Workload } from './workload/workload.ts';

export interface SimulateOptions {
  /** `hierarchical`, or files of modules; each meets the same workload. */
  readonly allocators: readonly string[];
  readonly seed: number;
  /** A recording, instead of a synthetic workload. */
  readonly trace?: string | undefined;
  readonly synthetic: SyntheticOptions;
  /** Where the report goes. */
  readonly out: string;
  readonly onProgress: (progress: Progress) => void;
}

/** Rejects with one line about what is wrong with the options or the trace. */
export async function simulate(options: SimulateOptions): Promise<readonly Outcome[]> {
  const { allocators, seed, onProgress } = options;
  const creators = [];
  for (const name of allocators) creators.push(await loadAllocator(name));
  const workload = await loadWorkload(options);
  const outcomes: Outcome[] = [];
  for (const [i, create] of creators.entries()) {
    const allocator = titleOf(allocators, i);
    outcomes.push(await runSimulation(workload, { allocator, create, seed, onProgress }));
  }
  await writeFile(options.out, renderReport(workload, outcomes));
  return outcomes;
}

async function loadWorkload({ trace, synthetic }: SimulateOptions): Promise<Workload> {
  return trace === undefined
    ? createSynthetic(synthetic)
    : workloadOf(await readTraceFile(trace), basename(trace));
}

/** The same allocator may be set against itself. */
function titleOf(allocators: readonly string[], index: number): string {
  const name = basename(allocators[index] as string);
  const isTwice = allocators.some((other, i) => i !== index && basename(other) === name);
  return isTwice ? `${name} (${index + 1})` : name;
}
