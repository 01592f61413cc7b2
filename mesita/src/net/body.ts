import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { failure, HttpError } from './responses.ts';

const inflate = promisify(gunzip);

export interface BodyLimits {
  readonly maxBytes: number;
  /** A client that sends nothing for this long in the middle of a body is cut off. */
  readonly idleMs: number;
}

/** Reads a whole body within `limits`, gunzipped where it says so. */
export async function readBody(message: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  const declared = Number(message.headers['content-length'] ?? 0);
  if (declared > limits.maxBytes) throw tooLarge();
  const body = await collect(message, limits);
  return isGzip(message) ? gunzipBody(body, limits.maxBytes) : body;
}

/** By events: most bodies are one chunk, and an async iterator costs more than their handling. */
function collect(message: IncomingMessage, { maxBytes, idleMs }: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const stopWaiting = cutWhenIdle(message, idleMs);
    message.on('data', (part: Buffer) => {
      size += part.length;
      if (size > maxBytes) {
        message.pause();
        stopWaiting();
        reject(tooLarge());
        return;
      }
      parts.push(part);
    });
    message.once('end', () => {
      stopWaiting();
      resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts, size));
    });
    message.once('error', (cause) => {
      stopWaiting();
      reject(brokenBody(cause));
    });
    if (message.destroyed) reject(brokenBody(new Error('the connection is gone')));
  });
}

/** Gives the function that ends the watch. */
function cutWhenIdle(message: IncomingMessage, idleMs: number): () => void {
  if (message.complete) return () => {};
  const idle = setTimeout(() => message.destroy(new Error('request body stalled')), idleMs);
  idle.unref();
  message.on('data', () => idle.refresh());
  return () => clearTimeout(idle);
}

/** The body as it arrives. Streams may rest for hours: a dead client is TCP's to notice. */
export async function* readChunks(message: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of message) yield chunk as Buffer;
  } catch (cause) {
    throw brokenBody(cause);
  }
}

export function isGzip(message: Pick<IncomingMessage, 'headers'>): boolean {
  return message.headers['content-encoding']?.toLowerCase() === 'gzip';
}

export async function gunzipBody(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (body.length === 0) return body;
  try {
    return await inflate(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    // The end of the input came before the end of the data.
    const text = code === 'Z_BUF_ERROR' ? 'Failed to decompress body' : 'Failed to decode body';
    throw new HttpError(failure(500, text), { cause });
  }
}

function brokenBody(cause: unknown): HttpError {
  return new HttpError(failure(500, 'Failed to decode body'), { cause });
}

function tooLarge(): HttpError {
  return new HttpError(failure(413, 'Request body is too large'));
}
