import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import type { Line } from './line.ts';

/** Lines of one instance, in a file that does not grow beyond its bound. */
export interface RecordFile {
  /** Never throws; what cannot be kept is dropped, and its loss is told once. */
  write(line: Line): void;
  close(): Promise<void>;
}

/** Then it becomes `<path>.1`, in place of the one before. */
const MAX_FILE_BYTES = 64 << 20;
/** Waiting for a disk that is slow. */
const MAX_WAITING = 16 << 20;

/** `head`: the lines with which each file begins. */
export function createRecordFile(
  path: string,
  head: () => readonly Line[],
  log: Logger,
  maxBytes: number = MAX_FILE_BYTES,
): RecordFile {
  let waiting: string[] = [];
  let size = 0;
  let isBroken = false;
  let turn: Promise<void> | undefined;

  function give(why: string, error?: unknown): void {
    if (isBroken) return;
    isBroken = true;
    waiting = [];
    log.error('recording of a module ends', { path, why, ...(error !== undefined && { error }) });
  }

  async function flush(): Promise<void> {
    // Everything that is said in this turn goes in one write.
    await new Promise(setImmediate);
    await begin();
    while (waiting.length > 0) {
      const text = waiting.join('');
      waiting = [];
      size = 0;
      await appendFile(path, text);
      written += Buffer.byteLength(text);
      if (written > maxBytes) await turnOver();
    }
  }

  let written = -1;
  async function begin(): Promise<void> {
    if (written >= 0) return;
    await mkdir(dirname(path), { recursive: true });
    const found = await stat(path).catch(() => undefined);
    if (found && found.size > 0) await rename(path, `${path}.1`);
    written = 0;
    await appendFile(path, head().map(toText).join(''), { mode: 0o600 });
  }

  async function turnOver(): Promise<void> {
    await rm(`${path}.1`, { force: true });
    await rename(path, `${path}.1`);
    written = -1;
    await begin();
  }

  return {
    write(line) {
      if (isBroken) return;
      const text = toText(line);
      size += text.length;
      if (size > MAX_WAITING) return give('the disk is too slow');
      waiting.push(text);
      turn ??= flush()
        .catch((error) => give('it cannot be written', error))
        .finally(() => {
          turn = undefined;
        });
    },
    async close() {
      while (turn) await turn;
    },
  };
}

function toText(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}
