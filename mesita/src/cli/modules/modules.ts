import type { Command } from 'commander';
import { credentialOption } from '../credential.ts';
import { benchModule } from './bench.ts';
import { changeModule, inspectModule, listModules } from './daemon.ts';
import { initModule } from './init.ts';
import { replayRecording } from './replay.ts';
import { testModule } from './test.ts';
import { validate } from './validate.ts';

/** `mesita modules`: from the first line of a module to its operation. `leave` takes a status. */
export function addModules(program: Command, leave: (status: number) => void): void {
  const modules = program
    .command('modules')
    .description('Write, check, test and operate modules.')
    .enablePositionalOptions();

  modules
    .command('init')
    .description('Begin a module: a project that type-checks, tests and loads.')
    .argument('<kind>', 'Hook, Isolator, Allocator, …')
    .argument('<name>', 'of the module and its directory')
    .option('--sdk <spec>', 'where npm finds @mesita/sdk: a version or a tarball')
    .action(initModule);
  modules
    .command('validate')
    .description('Load a manifest, or look into a library, as a daemon would; make nothing.')
    .argument('<file>', 'a manifest (.json), or a library')
    .action(validate);
  subject(modules, 'test', 'Hold a module to the contract of its kind; tell what failed.').action(
    async (file, options) => leave(await testModule(file, options)),
  );
  subject(modules, 'bench', 'Measure each method in each home.').action(benchModule);
  modules
    .command('replay')
    .description('Play what --record_modules wrote against a module, and compare.')
    .argument('<file>', 'a recording')
    .requiredOption('--module <file>', 'the library')
    .option('--name <name>', 'which of its modules')
    .option('--param <key=value>', 'in place of what was recorded; may be repeated', collect, [])
    .action(async (file, options) => leave(await replayRecording(file, options)));

  daemon(modules, 'list', 'What a daemon has loaded.').action(listModules);
  daemon(modules, 'inspect', 'Everything about one of them.')
    .argument('<name>')
    .action(inspectModule);
  for (const [action, description] of [
    ['reload', 'Take the changed file, between two calls.'],
    ['unload', 'Let go of a module.'],
  ] as const) {
    daemon(modules, action, description)
      .argument('<name>')
      .action((name, where) => changeModule(action, name, where));
  }
}

function subject(modules: Command, name: string, description: string): Command {
  return modules
    .command(name)
    .description(description)
    .argument('<file>', 'a library, or a program of any language')
    .option('--name <name>', 'which of its modules')
    .option('--param <key=value>', 'a parameter; may be repeated', collect, [])
    .option('--home <home>', 'daemon, worker, process or program');
}

function daemon(modules: Command, name: string, description: string): Command {
  return modules
    .command(name)
    .description(description)
    .option('--master <host:port>', 'ask this master, or the one that leads: zk://…')
    .option('--agent <host:port>', 'ask this agent')
    .addOption(credentialOption());
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}
