import Table from 'cli-table3';
import { isTerminal } from '../../wire/task-state.ts';
import type { Terminal } from '../terminal.ts';
import type { Life } from './framework.ts';
import { watchOutput } from './output.ts';

interface ShowOptions {
  readonly terminal: Terminal;
  readonly total: number;
  readonly agentName: (url: string) => string;
}

/** Tells the lives of the sample's tasks as they happen; what `runSample` observes with. */
export function createShow({ terminal, total, agentName }: ShowOptions) {
  const startedAt = Date.now();
  const lives = new Set<Life>();
  let frameworkId = '';
  const say = ({ task }: Life, text: string) => {
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(5);
    terminal.line(`${terminal.dim(`${seconds}s`)}  ${task.name.padEnd(11)}  ${text}`.trimEnd());
  };
  const refresh = () => terminal.status(progressLine(lives, total));
  const output = watchOutput(
    () => frameworkId,
    (life, line) => say(life, `${terminal.dim('|')} ${line}`),
  );
  return {
    lives,
    onSubscribed(id: string) {
      frameworkId = id;
    },
    onLaunch(life: Life) {
      lives.add(life);
      refresh();
    },
    async onState(life: Life) {
      const { state = 'TASK_LOST', message = '' } = life;
      // What a task printed comes after its start and before its end.
      if (isTerminal(state)) await output.finish(life);
      const detail = state === 'TASK_STARTING' ? `on ${agentName(life.agentUrl)}` : message;
      say(life, `${paint(terminal, life)(state.padEnd(13))}  ${detail}`);
      if (state === 'TASK_RUNNING') output.watch(life);
      refresh();
    },
    onDisconnected: (reason: string) => terminal.line(`lost the master: ${reason}`),
    async finish() {
      await output.finishAll();
      terminal.status('');
    },
  };
}

function paint(terminal: Terminal, { task, state = 'TASK_LOST' }: Life) {
  if (!isTerminal(state)) return state === 'TASK_RUNNING' ? terminal.cyan : terminal.dim;
  return state === task.expected && state === 'TASK_FINISHED' ? terminal.green : terminal.red;
}

/** How every task ended. */
export function summaryTable(lives: readonly Life[], agentName: (url: string) => string): string {
  const table = new Table({
    head: ['task', 'agent', 'state', 'seconds', 'message'],
    style: { head: [], border: [], compact: true },
  });
  for (const { task, agentUrl, state, startedAt, endedAt, message } of lives) {
    const seconds = endedAt === undefined ? '' : ((endedAt - startedAt) / 1000).toFixed(1);
    const remark = task.expected === 'TASK_FAILED' ? ' (on purpose)' : '';
    table.push([
      task.name,
      agentName(agentUrl),
      `${state ?? '-'}${remark}`,
      seconds,
      message ?? '',
    ]);
  }
  return table.toString();
}

const BAR_WIDTH = 24;

/** `[============>           ] 6 of 12 tasks done, 3 running`. */
export function progressLine(lives: Iterable<Life>, total: number): string {
  const states = [...lives];
  const ended = states.filter(({ endedAt }) => endedAt !== undefined).length;
  const filled = Math.floor((ended / total) * BAR_WIDTH);
  const bar = `${'='.repeat(filled)}${filled < BAR_WIDTH ? '>' : ''}`.padEnd(BAR_WIDTH);
  return `[${bar}] ${ended} of ${total} tasks done, ${states.length - ended} running`;
}

/** Which tasks did not end as they should. */
export function surprises(lives: readonly Life[]): readonly string[] {
  return lives
    .filter(({ task, state }) => state !== task.expected)
    .map(({ task, state, message }) => {
      const why = message === undefined ? '' : ` (${message})`;
      return `${task.name} ended as ${state}${why}, not as ${task.expected}`;
    });
}
