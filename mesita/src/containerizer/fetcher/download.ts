import { createWriteStream } from 'node:fs';
import { chown, unlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { request as send } from 'undici';
import type { User } from '../../linux/users.ts';

interface Download {
  readonly url: string;
  readonly path: string;
  /** Who alone may read it; the agent's user when absent. */
  readonly user: User | undefined;
  /** Without a byte for so long it is given up. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
}

const maxRedirects = 20;

/** Streams a resource into a new file. Rejects, and leaves no file, when it does not come whole. */
export async function download(request: Download): Promise<void> {
  const { url, path, user, stallTimeoutMs, signal } = request;
  const { body } = await open(url, stallTimeoutMs, signal);
  try {
    await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal });
    if (user && process.getuid?.() === 0) await chown(path, user.uid, user.gid);
  } catch (cause) {
    await unlink(path).catch(() => {});
    throw new Error(`Error downloading resource: ${reasonOf(cause)}`, { cause });
  }
}

async function open(
  start: string,
  stallTimeoutMs: number,
  signal: AbortSignal,
): Promise<{ body: NodeJS.ReadableStream }> {
  let url = new URL(start);
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const { statusCode, headers, body } = await ask(url, stallTimeoutMs, signal);
    if (statusCode === 200) return { body };
    body.on('error', () => {}).destroy();
    const { location } = headers;
    if (statusCode < 300 || statusCode >= 400 || typeof location !== 'string') {
      throw new Error(`Error downloading resource, received HTTP return code ${statusCode}`);
    }
    url = new URL(location, url);
    if (!/^https?:$/.test(url.protocol)) {
      throw new Error(`Error downloading resource: redirected to '${url.protocol}'`);
    }
  }
  throw new Error('Error downloading resource: too many redirects');
}

async function ask(url: URL, stallTimeoutMs: number, signal: AbortSignal) {
  try {
    return await send(url, {
      signal,
      headersTimeout: stallTimeoutMs,
      bodyTimeout: stallTimeoutMs,
    });
  } catch (cause) {
    throw new Error(`Error downloading resource: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name);
}
