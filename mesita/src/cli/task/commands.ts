import type { Command } from 'commander';
import { credentialOption } from '../credential.ts';
import { masterOption } from '../master-address.ts';
import { runAttach } from './attach.ts';
import { runExec } from './exec.ts';
import { runLogs } from './logs.ts';

const framework = ['--framework <id>', 'of several tasks with this id, the one of it'] as const;

const execHelp = `
Examples:
  mesita exec web ls -l                    # what it prints, and its exit status, are ours
  mesita exec -it web sh                   # a shell beside the task, with a terminal
  tar c . | mesita exec -i web tar xC /tmp # what we read is what it reads

The command sees what the task sees: its files, its network, its limits. It ends with us.`;

const attachHelp = `
Ctrl-P Ctrl-Q leaves the task alone again. The task must have a terminal (tty_info in its container);
of others see \`mesita logs\`, or run something beside them with \`mesita exec\`.`;

const logsHelp = `
Examples:
  mesita logs web        # all of its standard output and error so far, each to ours
  mesita logs -f web     # and what comes, until the task ends or Ctrl-C`;

export function addTaskCommands(program: Command, done: (status: number) => void): void {
  program
    .command('exec')
    .description("Run a command beside a task, in the task's container.")
    .argument('<task>', 'id of the task')
    .argument('<command...>', 'the program and its arguments')
    .addOption(masterOption())
    .option(...framework)
    .addOption(credentialOption())
    .option('-i, --interactive', 'let it read what we read', false)
    .option('-t, --tty', 'give it a terminal, ours', false)
    .addHelpText('after', execHelp)
    .passThroughOptions()
    .action(async (task: string, command: string[], options) => {
      done(await runExec({ ...options, task, command }));
    });
  program
    .command('attach')
    .description("Attach to a task's terminal.")
    .argument('<task>', 'id of the task')
    .addOption(masterOption())
    .option(...framework)
    .addOption(credentialOption())
    .option('--no-stdin', 'only look')
    .addHelpText('after', attachHelp)
    .action(async (task: string, options) => {
      done(await runAttach({ ...options, task }));
    });
  program
    .command('logs')
    .description('Show what a task printed.')
    .argument('<task>', 'id of the task')
    .addOption(masterOption())
    .option(...framework)
    .addOption(credentialOption())
    .option('-f, --follow', 'go on until the task ends', false)
    .addHelpText('after', logsHelp)
    .action(async (task: string, options) => {
      done(await runLogs({ ...options, task }));
    });
}
