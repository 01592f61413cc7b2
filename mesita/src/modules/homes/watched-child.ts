import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const INTERVAL_MS = 500;
const PAGE_BYTES = 4_096;

/** Tells once when the process uses more memory than it may; where there is no `/proc`, never. */
export function watchMemory(
  child: ChildProcess,
  memoryBytes: number,
  exceeded: (what: string) => void,
): void {
  const path = `/proc/${child.pid}/statm`;
  const timer = setInterval(async () => {
    const used = await readResident(path);
    if (used <= memoryBytes) return;
    clearInterval(timer);
    exceeded(`it reached its limit of ${Math.round(memoryBytes / (1 << 20))} MB`);
  }, INTERVAL_MS);
  timer.unref();
  child.once('exit', () => clearInterval(timer));
}

async function readResident(path: string): Promise<number> {
  try {
    return Number((await readFile(path, 'utf8')).split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

export function describeExit(status: number | null, signal: NodeJS.Signals | null): string {
  return signal === null
    ? `the process ended with status ${status}`
    : `the process died of ${signal}`;
}
