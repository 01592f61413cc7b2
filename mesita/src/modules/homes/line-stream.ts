// One JSON object a line, both ways: how programs and processes speak with a daemon.
import type { Readable, Writable } from 'node:stream';
import type { BodyEvents } from './life.ts';
import type { Frame } from './session.ts';

/** As much as any one call may say. */
const MAX_LINE_BYTES = 16 << 20;

/** Cuts bytes into lines of UTF-8; empty ones are skipped. `tooLong` is called once, and all ends. */
function createLineReader(
  receive: (line: string) => void,
  tooLong: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let size = 0;
  let isOver = false;
  return (chunk) => {
    if (isOver) return;
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      from = at + 1;
      const line = Buffer.concat(parts).toString('utf8').trim();
      parts = [];
      size = 0;
      if (line !== '') receive(line);
    }
    parts.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size <= MAX_LINE_BYTES) return;
    isOver = true;
    parts = [];
    tooLong();
  };
}

/** Everything a stream says, to whoever hears of a body. */
export function readFrames(stream: Readable, events: Omit<BodyEvents, 'ended'>): void {
  const read = createLineReader(
    (line) => {
      let frame: unknown;
      try {
        frame = JSON.parse(line);
      } catch {
        return events.nonsense(line.slice(0, 200));
      }
      events.received(frame);
    },
    () => events.exceeded(`it writes a line of more than ${MAX_LINE_BYTES} bytes`),
  );
  stream.on('data', read);
  stream.on('error', () => undefined);
}

export function writeFrames(
  stream: Writable,
  events: Pick<BodyEvents, 'exceeded'>,
): (frame: Frame) => void {
  return (frame) => {
    if (stream.writableLength > MAX_LINE_BYTES) {
      events.exceeded('it does not read what it is sent');
      return;
    }
    if (stream.writable) stream.write(`${JSON.stringify(frame)}\n`);
  };
}
