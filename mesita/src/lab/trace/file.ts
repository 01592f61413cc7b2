import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Logger } from '@mesita/sdk/base';
import {
  readOptions,
  TRACE_NAME,
  TRACE_VERSION,
  type TraceHeader,
  type TraceLine,
} from './format.ts';

// A disk that cannot follow costs the rest of the recording, never the master's memory.
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Appends lines to a new file. What goes wrong is logged once and ends the recording. */
export function openTraceFile(path: string, log: Logger) {
  const stream = createWriteStream(path, { flags: 'w', mode: 0o600 });
  let isOpen = true;
  const giveUp = (reason: string) => {
    if (isOpen) log.error('the recording of allocations ends early', { path, reason });
    isOpen = false;
    stream.destroy();
  };
  stream.on('error', (error) => giveUp(error.message));
  return {
    write(line: string): void {
      if (!isOpen) return;
      stream.write(`${line}\n`);
      if (stream.writableLength > MAX_WAITING_BYTES) giveUp('the disk is too slow');
    },
    close(): Promise<void> {
      isOpen = false;
      return new Promise((resolve) => {
        if (stream.destroyed) resolve();
        else stream.end(resolve);
      });
    },
  };
}

export interface Trace {
  readonly header: TraceHeader;
  readonly lines: readonly TraceLine[];
}

/** Throws an error that names the line. A last line that was cut off is left out. */
export async function readTraceFile(path: string): Promise<Trace> {
  const input = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  const texts: string[] = [];
  for await (const text of input) if (text.trim() !== '') texts.push(text);
  return parseTrace(texts, path);
}

export function parseTrace(texts: readonly string[], path: string): Trace {
  const lines: TraceLine[] = [];
  let header: TraceHeader | undefined;
  for (const [i, text] of texts.entries()) {
    const value = parseLine(text);
    if (value === undefined) {
      if (i > 0 && i === texts.length - 1) break;
      throw new Error(`${path}:${i + 1}: not a JSON object`);
    }
    if (header === undefined) header = readHeader(value, path);
    else lines.push(value as unknown as TraceLine);
  }
  if (header === undefined) throw new Error(`${path} is empty`);
  return { header, lines };
}

function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function readHeader(value: Record<string, unknown>, path: string): TraceHeader {
  if (value.trace !== TRACE_NAME) throw new Error(`${path} is no recording of allocations`);
  if (value.version !== TRACE_VERSION) {
    throw new Error(`${path} has version ${value.version}; only ${TRACE_VERSION} can be read`);
  }
  const options = readOptions(Object(value.options) as Record<string, unknown>);
  return { trace: TRACE_NAME, version: TRACE_VERSION, started: String(value.started), options };
}
