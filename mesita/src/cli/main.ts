import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { execute } from './execute/execute.ts';
import { addExplain } from './explain/explain.ts';
import { runLocal } from './local.ts';
import { addModules } from './modules/modules.ts';
import { explain } from './problem.ts';
import { addRegistry } from './registry/registry.ts';
import { addSimulate } from './simulate.ts';
import { runStart } from './start.ts';
import { addTaskCommands } from './task/commands.ts';

interface Place {
  /** Where the bundles of the daemons lie. */
  readonly dist: string;
  readonly version: string;
}

const examples = `
Examples:
  # see it run: two agents, a dozen tasks, until Ctrl-C
  mesita start
  # a cluster to work with, and a task on it
  mesita local --agents=3
  mesita execute --master=127.0.0.1:5050 --name=hello --command='echo hello; exit 3'
  # one daemon each, as on real machines
  mesita master --ip=10.0.0.1 --work_dir=/var/lib/mesos/master
  mesita agent --master=10.0.0.1:5050 --work_dir=/var/lib/mesos/agent`;

/** The command `mesita`. Resolves with the exit status; every error becomes a line for people. */
export async function main(argv: readonly string[], place: Place): Promise<number> {
  return report('mesita', () => runMesita(argv, place));
}

/** The command `mesos-execute`. */
export async function executeMain(argv: readonly string[]): Promise<number> {
  return report('mesos-execute', () => execute(argv, process));
}

async function report(name: string, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    return 1;
  }
}

async function runMesita(argv: readonly string[], place: Place): Promise<number> {
  let status = 0;
  const program = new Command('mesita')
    .description('A cluster manager that speaks what Apache Mesos speaks.')
    .version(place.version, '--version')
    .addHelpText('after', examples)
    .enablePositionalOptions()
    .exitOverride();

  for (const daemon of ['master', 'agent'] as const) {
    passThrough(program, daemon, `Run one ${daemon}; all flags of mesos-${daemon}.`, (args) =>
      becomeDaemon(join(place.dist, `mesos-${daemon}.js`), args),
    );
  }
  passThrough(
    program,
    'execute',
    'Run one command in a cluster; all flags of mesos-execute.',
    async (args) => {
      status = await execute(args, process);
    },
  );
  program
    .command('local')
    .description('Run a master and agents on this machine until Ctrl-C.')
    .option('--agents <count>', 'how many agents', count, 1)
    .option('--port <port>', 'port of the master, 0 for a free one', port, 5050)
    .option('--resources <resources>', 'of each agent, cpus:2;mem:1024 for instance')
    .option('--work_dir <dir>', 'kept at the end; otherwise a temporary one is made and removed')
    .action(async ({ work_dir: workDir, ...options }) => {
      status = await runLocal({ ...options, dist: place.dist, ...(workDir && { workDir }) });
    });
  program
    .command('start')
    .alias('demo')
    .description('Try it out: a local cluster with a dozen sample tasks.')
    .option('--once', 'leave when the tasks have ended', false)
    .option('--port <port>', 'port of the master, 0 for any free one; 5050 if it is free', port)
    .action(async (options) => {
      status = await runStart({ ...options, dist: place.dist });
    });
  addExplain(program);
  addModules(program, (left) => {
    status = left;
  });
  addRegistry(program);
  addSimulate(program);
  addTaskCommands(program, (left) => {
    status = left;
  });

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    // Commander has told already.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return status;
}

/** A command that reads its own flags, `--help` included. */
function passThrough(
  program: Command,
  name: string,
  description: string,
  run: (args: readonly string[]) => Promise<void>,
): void {
  program
    .command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[flags...]')
    .action((flags: readonly string[]) => run(flags));
}

/** The daemon takes this process over, its end included: same pid, same signals, no second Node. */
async function becomeDaemon(path: string, args: readonly string[]): Promise<never> {
  process.argv.splice(1, process.argv.length - 1, path, ...args);
  await import(pathToFileURL(path).href);
  return new Promise(() => {});
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100) return value;
  throw new InvalidArgumentError('It must be a number from 1 to 100.');
}

function port(text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 65535.');
}
