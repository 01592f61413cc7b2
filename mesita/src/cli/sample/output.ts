import { setTimeout as delay } from 'node:timers/promises';
import { openSandbox, type Sandbox } from '../sandbox.ts';
import { lineSplitter } from '../terminal.ts';
import type { Life } from './framework.ts';

const POLL_MS = 200;

/** What tasks print, line by line, while they run. */
interface OutputWatch {
  watch(life: Life): void;
  /** Resolves when the last line of an ended task was shown. */
  finish(life: Life): Promise<void>;
  /** The same for all that are left, ended or not. */
  finishAll(): Promise<void>;
}

export function watchOutput(
  frameworkId: () => string,
  show: (life: Life, line: string) => void,
): OutputWatch {
  const copies = new Map<Life, { stop: AbortController; done: Promise<void> }>();
  const finish = async (life: Life) => {
    const copy = copies.get(life);
    copy?.stop.abort();
    await copy?.done;
    copies.delete(life);
  };
  return {
    watch(life) {
      const sandbox = openSandbox({
        agentUrl: life.agentUrl,
        frameworkId: frameworkId(),
        executorId: life.task.name,
      });
      const stop = new AbortController();
      const done = copyLines(sandbox, (line) => show(life, line), stop.signal);
      copies.set(life, { stop, done });
    },
    finish,
    async finishAll() {
      await Promise.all([...copies.keys()].map(finish));
    },
  };
}

async function copyLines(sandbox: Sandbox, show: (line: string) => void, signal: AbortSignal) {
  const sources = ['stdout', 'stderr'].map((file) => ({
    tail: sandbox.tail(file),
    lines: lineSplitter(show),
  }));
  for (let isLast = false; !isLast; ) {
    isLast = signal.aborted;
    for (const { tail, lines } of sources) lines.push(await tail.read());
    if (!isLast) await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
  for (const { lines } of sources) lines.end();
  await sandbox.close();
}
