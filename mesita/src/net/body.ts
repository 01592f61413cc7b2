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
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of readChunks(message, limits)) {
    size += part.length;
    if (size > limits.maxBytes) throw tooLarge();
    parts.push(part);
  }
  const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
  return isGzip(message) ? gunzipBody(body, limits.maxBytes) : body;
}

/** The body as it arrives. Compressed streams are refused: nobody sends them. */
export async function* readChunks(
  message: IncomingMessage,
  { idleMs }: Pick<BodyLimits, 'idleMs'>,
): AsyncGenerator<Buffer> {
  let idle: NodeJS.Timeout | undefined;
  if (idleMs > 0 && !message.complete) {
    idle = setTimeout(() => message.destroy(new Error('request body stalled')), idleMs);
    idle.unref();
  }
  try {
    for await (const chunk of message) {
      idle?.refresh();
      yield chunk as Buffer;
    }
  } catch (cause) {
    throw new HttpError(failure(500, 'Failed to decode body'), { cause });
  } finally {
    clearTimeout(idle);
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

function tooLarge(): HttpError {
  return new HttpError(failure(413, 'Request body is too large'));
}
