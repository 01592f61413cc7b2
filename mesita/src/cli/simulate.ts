import process from 'node:process';
import { ResourceQuantities } from '@mesita/sdk/resources';
import { type Command, InvalidArgumentError } from 'commander';
import type { Progress } from '../lab/simulation.ts';
import { Problem } from './problem.ts';
import { createTerminal } from './terminal.ts';

interface Flags {
  readonly agents: number;
  readonly frameworks: number;
  readonly roles: string;
  readonly quota: ReadonlyMap<string, ResourceQuantities>;
  readonly load: number;
  readonly minutes: number;
  readonly seed: number;
  readonly allocator: string;
  readonly allocator_parts: readonly string[];
  readonly against?: string;
  readonly trace?: string;
  readonly out: string;
}

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('Try an allocator on virtual time and write a report with plots.')
    .option('--agents <count>', 'how many agents', wholeNumber(1, 200_000), 300)
    .option('--frameworks <count>', 'how many frameworks', wholeNumber(1, 100_000), 30)
    .option('--roles <list>', 'roles with their weights', 'prod=2,batch,dev')
    .option(
      '--quota <role=resources>',
      'guaranteed to a role: prod=cpus:200;mem:65536; may be repeated',
      addQuota,
      new Map(),
    )
    .option('--load <part>', 'wanted part of the cluster; above 1 somebody always waits', part, 1)
    .option('--minutes <count>', 'how much virtual time', wholeNumber(1, 100_000), 5)
    .option('--seed <number>', 'equal seeds give equal runs', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--allocator <name>', 'hierarchical, or the file of a module', 'hierarchical')
    .option(
      '--allocator_parts <files>',
      'files with modules that take the place of parts of hierarchical; file#module for one of them',
      (text: string) => text.split(',').filter((part) => part !== ''),
      [],
    )
    .option('--against <name>', 'another one for the same workload, side by side')
    .option('--trace <file>', 'what a master recorded with --record_allocations, as the workload')
    .option('--out <file>', 'the report', 'report.html')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { agents, frameworks, load, minutes, seed, allocator, against, trace, out } = flags;
  const parts = flags.allocator_parts;
  // Other commands need not wait for the laboratory to load.
  const { simulate } = await import('../lab/simulate.ts');
  const { parseRolePlans } = await import('../lab/workload/synthetic.ts');
  const terminal = createTerminal(process.stderr, process.env);
  try {
    const roles = parseRolePlans(flags.roles, flags.quota);
    await simulate({
      allocators: [allocator, ...(against === undefined ? [] : [against])],
      ...{ parts, seed, trace },
      synthetic: { agents, frameworks, minutes, seed, roles, load },
      out,
      onProgress: (progress) => terminal.status(describe(progress)),
    });
  } catch (cause) {
    throw new Problem('the simulation failed', undefined, { cause });
  } finally {
    terminal.status('');
  }
  createTerminal(process.stdout, process.env).line(out);
}

function describe({ allocator, atMs, endMs, launched, waiting }: Progress): string {
  const percent = Math.floor((100 * atMs) / endMs);
  return `${allocator}: ${percent} %, minute ${(atMs / 60_000).toFixed(1)}, ${launched} tasks launched, ${waiting} waiting`;
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function part(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 100) return value;
  throw new InvalidArgumentError('It must be a number above 0, at most 100.');
}

function addQuota(text: string, known: ReadonlyMap<string, ResourceQuantities>) {
  const at = text.indexOf('=');
  const quantities = ResourceQuantities.parse(text.slice(at + 1));
  if (at < 1 || !quantities.ok) {
    throw new InvalidArgumentError('It must be role=resources, as in prod=cpus:200;mem:65536.');
  }
  return new Map([...known, [text.slice(0, at), quantities.value]]);
}
