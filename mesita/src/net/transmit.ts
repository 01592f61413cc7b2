import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Logger } from '@mesita/sdk/base';
import { acceptsEncoding } from './accept.ts';
import { coalesceWrites } from './coalesce.ts';
import { corsHeaders } from './cors.ts';
import type { HttpDownload, HttpResponse, HttpStream } from './http.ts';
import { openSink } from './stream.ts';

const deflate = promisify(gzip);
const MIN_COMPRESSED_BYTES = 1024;
/** How long a client may go on sending a body that nobody reads. */
const LINGER_MS = 10_000;

interface SendOptions {
  readonly corsOrigins: readonly string[];
  readonly maxStreamBuffer: number;
  readonly log: Logger;
}

/** Writes `answer`: whole and perhaps compressed, or as a stream of chunks. */
export async function sendResponse(
  message: IncomingMessage,
  response: ServerResponse,
  answer: HttpResponse,
  options: SendOptions,
): Promise<void> {
  const headers = {
    ...answer.headers,
    ...corsHeaders(message.headers.origin, options.corsOrigins),
  };
  if (isStream(answer.body)) {
    sendStream(message, response, { ...answer, headers }, answer.body, options);
    return;
  }
  if (isDownload(answer.body)) {
    await sendDownload(message, response, { ...answer, headers }, answer.body);
    return;
  }
  let body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? empty);
  if (
    body.length >= MIN_COMPRESSED_BYTES &&
    answer.headers?.['Content-Encoding'] === undefined &&
    acceptsEncoding(message.headers['accept-encoding'] as string | undefined, 'gzip')
  ) {
    body = await deflate(body);
    headers['Content-Encoding'] = 'gzip';
  }
  if (answer.status !== 204) headers['Content-Length'] = String(body.length);
  if (response.destroyed) return;
  prepare(response);
  dropUnreadBody(message, response);
  coalesceWrites(message.socket);
  response.writeHead(answer.status, headers);
  response.end(body);
}

const empty = new Uint8Array();

function isStream(body: HttpResponse['body']): body is HttpStream {
  return typeof body === 'object' && 'open' in body;
}

function isDownload(body: HttpResponse['body']): body is HttpDownload {
  return typeof body === 'object' && 'read' in body;
}

/** A client that leaves in the middle is no failure of ours. */
async function sendDownload(
  message: IncomingMessage,
  response: ServerResponse,
  { status, headers }: HttpResponse,
  download: HttpDownload,
): Promise<void> {
  if (response.destroyed) {
    download.cancel?.();
    return;
  }
  prepare(response);
  dropUnreadBody(message, response);
  response.writeHead(status, { ...headers, 'Content-Length': String(download.size) });
  let sent = 0;
  const count = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      sent += chunk.length;
      yield chunk;
    }
  };
  try {
    await pipeline(Readable.from(download.read()), count, response, { end: false });
  } catch (error) {
    if (!response.destroyed) throw error;
  }
  if (sent === download.size) response.end();
  else response.destroy();
}

function sendStream(
  message: IncomingMessage,
  response: ServerResponse,
  { status, headers }: HttpResponse,
  stream: HttpStream,
  { maxStreamBuffer, log }: SendOptions,
): void {
  // A client that is gone already gets a closed sink: the stream's owner learns it as always.
  if (!response.destroyed) {
    prepare(response);
    // Said outright, because HTTP/1.0 clients get chunks as well.
    response.writeHead(status, { ...headers, 'Transfer-Encoding': 'chunked' });
    response.flushHeaders();
  }
  stream.open(
    openSink(response, maxStreamBuffer, (buffered) =>
      log.warn('stream closed: its client does not read', {
        path: message.url,
        client: message.socket.remoteAddress,
        buffered,
      }),
    ),
  );
}

/**
 * As Mesos: HEAD is answered with the body's bytes, and no Connection header is sent, whether the
 * connection stays or not.
 */
function prepare(response: ServerResponse): void {
  response.removeHeader('Connection');
  (response as unknown as { _hasBody: boolean })._hasBody = true;
}

function dropUnreadBody(message: IncomingMessage, response: ServerResponse): void {
  if (message.complete) return;
  response.once('finish', () => {
    if (message.complete || message.destroyed) return;
    const timer = setTimeout(() => message.socket.destroy(), LINGER_MS);
    timer.unref();
    message.once('close', () => clearTimeout(timer));
  });
}
