import type { Readable } from 'node:stream';

/** Bytes a second that are read of what a module prints; then it waits for the next second. */
const MAX_BYTES = 1 << 20;
const MAX_LINE = 4_096;

/**
 * Hands on what a module prints, line by line. A flood is left in its pipe, so that whoever
 * prints too much waits for it himself.
 */
export function readOutput(stream: Readable, line: (text: string) => void): void {
  let rest = '';
  let budget = MAX_BYTES;
  let isPaused = false;
  const refill = setInterval(() => {
    budget = MAX_BYTES;
    if (isPaused) stream.resume();
    isPaused = false;
  }, 1_000);
  refill.unref();
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    budget -= chunk.length;
    if (budget < 0 && !isPaused) {
      isPaused = true;
      stream.pause();
    }
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() as string).slice(0, MAX_LINE);
    for (const text of lines) if (text !== '') line(text.slice(0, MAX_LINE));
  });
  stream.on('error', () => undefined);
  stream.on('close', () => {
    clearInterval(refill);
    if (rest !== '') line(rest);
  });
}
