import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { loadAllocator } from './load-allocator.ts';
import { titleOfParts } from './load-parts.ts';
import { renderReport } from './report/page.ts';
import { type Outcome, type Progress, runSimulation } from './simulation.ts';
import { readTraceFile } from './trace/file.ts';
import { workloadOf } from './workload/from-trace.ts';
import { createSynthetic, type SyntheticOptions } from './workload/synthetic.ts';
import type { Workload } from './workload/workload.ts';

export interface SimulateOptions {
  /** `hierarchical`, or files of modules; each meets the same workload. */
  readonly allocators: readonly string[];
  /** Files with parts of the built-in allocator; they take part in the first one only. */
  readonly parts: readonly string[];
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
  const { allocators, parts, seed, onProgress } = options;
  const creators = [];
  for (const [i, name] of allocators.entries())
    creators.push(await loadAllocator(name, i === 0 ? parts : []));
  const workload = await loadWorkload(options);
  const titles = titlesOf(allocators, parts);
  const outcomes: Outcome[] = [];
  for (const [i, create] of creators.entries()) {
    const allocator = titles[i] as string;
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
function titlesOf(allocators: readonly string[], parts: readonly string[]): string[] {
  const names = allocators.map((allocator, i) =>
    i > 0 || parts.length === 0
      ? basename(allocator)
      : `${basename(allocator)} with ${titleOfParts(parts)}`,
  );
  const isTwice = new Set(names).size < names.length;
  return isTwice ? names.map((name, i) => `${name} (${i + 1})`) : names;
}
