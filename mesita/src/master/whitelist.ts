import { readFile } from 'node:fs/promises';
import type { Clock, Logger, Timer } from '@mesita/sdk/base';

const READ_AGAIN_MS = 5000;

interface WhitelistOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** With the first list, and with each other one. */
  readonly onChange: (hostnames: ReadonlySet<string>) => void;
}

/**
 * `--whitelist`: whose resources may be offered. Until the file could be read, everybody's; when it
 * cannot be read any more, those of the last list. An empty file is a list of nobody.
 */
export function watchWhitelist({ path, clock, log, onChange }: WhitelistOptions): () => void {
  let last: string | undefined;
  let timer: Timer | undefined;
  let isOver = false;

  async function read(): Promise<void> {
    try {
      const names = parse(await readFile(path, 'utf8'));
      const text = [...names].sort().join('\n');
      if (text !== last && !isOver) onChange(names);
      last = text;
    } catch (error) {
      log.error('whitelist cannot be read; it is tried again', { path, error });
    }
    if (!isOver) timer = clock.setTimer(READ_AGAIN_MS, () => void read());
  }

  void read();
  return () => {
    isOver = true;
    timer?.cancel();
  };
}

function parse(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').filter((line) => line !== ''));
}
