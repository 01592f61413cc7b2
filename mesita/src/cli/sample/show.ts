import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import { openSandbox, type Sandbox } from '../sandbox.ts';
import { lineSplitter, type Terminal } from '../terminal.ts';
import type { Life } from './framework.ts';

const POLL_MS = 250;

/** Shows what tasks print, line by line, while they run. */
interface OutputWatch {
  watch(life: Life): void;
  /** Shows what is left of all of them. */
  finish(): Promise<void>;
}

export function watchOutput(terminal: Terminal, frameworkId: () => string): OutputWatch {
  const stopping = new AbortController();
  const copies: Promise<void>[] = [];
  return {
    watch(life) {
      const { task, agentUrl } = life;
      const sandbox = openSandbox({
        agentUrl,
        frameworkId: frameworkId(),
        executorId: task.name,
      });
      const show = (line: string) =>
        terminal.line(`${task.name.padEnd(12)} ${terminal.dim('|')} ${line}`);
      const isOver = () => stopping.signal.aborted || life.endedAt !== undefined;
      copies.push(copyLines(sandbox, show, isOver, stopping.signal));
    },
    async finish() {
      stopping.abort();
      await Promise.all(copies);
    },
  };
}

async function copyLines(
  sandbox: Sandbox,
  show: (line: string) => void,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const sources = ['stdout', 'stderr'].map((file) => ({
    tail: sandbox.tail(file),
    lines: lineSplitter(show),
  }));
  let isLast = false;
  while (!isLast) {
    isLast = isOver();
    for (const { tail, lines } of sources) lines.push(await tail.read());
    if (!isLast) await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
  for (const { lines } of sources) lines.end();
  await sandbox.close();
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

/** `7/12 tasks ended, 3 running`. */
export function progressLine(lives: Iterable<Life>, total: number): string {
  const states = [...lives];
  const ended = states.filter(({ endedAt }) => endedAt !== undefined).length;
  return `${ended}/${total} tasks ended, ${states.length - ended} running`;
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
