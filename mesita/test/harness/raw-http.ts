// HTTP over a plain socket: the tests must see the bytes that a client library would hide.
import { connect, type Socket } from 'node:net';

export interface RawHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
}

export class ConnectionClosed extends Error {}
export class AnswerTimeout extends Error {}

export interface RawConnection {
  send(bytes: Uint8Array): void;
  readHead(timeoutMs: number): Promise<RawHead>;
  readBody(head: RawHead, timeoutMs: number): Promise<{ body: Buffer; truncated: boolean }>;
  /** One HTTP chunk's payload; undefined for the last. */
  readChunk(timeoutMs: number): Promise<Buffer | undefined>;
  /** Whether the peer sends bytes, closes, or stays silent within the time. */
  probe(timeoutMs: number): Promise<'bytes' | 'closed' | 'silent'>;
  /** What arrived and was not read yet. */
  rest(): Buffer;
  close(): void;
}

export async function openRaw(port: number): Promise<RawConnection> {
  const socket = await dial(port);
  let buffer = Buffer.alloc(0);
  let ended = false;
  let wake: (() => void) | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  socket.on('data', (data) => {
    buffer = Buffer.concat([buffer, data]);
    notify();
  });
  const end = () => {
    ended = true;
    notify();
  };
  socket.on('end', end).on('close', end).on('error', end);

  async function until<T>(attempt: () => T | undefined, timeoutMs: number): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const value = attempt();
      if (value !== undefined) return value;
      if (ended) throw new ConnectionClosed();
      await waitForData(deadline - Date.now());
    }
  }

  function waitForData(leftMs: number): Promise<void> {
    if (leftMs <= 0) return Promise.reject(new AnswerTimeout());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new AnswerTimeout()), leftMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const line = (timeoutMs: number) =>
    until(() => {
      const at = buffer.indexOf('\r\n');
      if (at < 0) return undefined;
      const text = buffer.subarray(0, at).toString('latin1');
      buffer = buffer.subarray(at + 2);
      return text;
    }, timeoutMs);

  const exactly = (size: number, timeoutMs: number) =>
    until(() => {
      if (buffer.length < size) return undefined;
      const bytes = buffer.subarray(0, size);
      buffer = buffer.subarray(size);
      return bytes;
    }, timeoutMs);

  async function readChunk(timeoutMs: number): Promise<Buffer | undefined> {
    const size = Number.parseInt(await line(timeoutMs), 16);
    if (size === 0) {
      await line(timeoutMs);
      return undefined;
    }
    const chunk = await exactly(size, timeoutMs);
    await exactly(2, timeoutMs);
    return chunk;
  }

  return {
    send: (bytes) => void socket.write(bytes),
    async readHead(timeoutMs) {
      const [, status = '0', reason = ''] = /^\S+ (\d+) ?(.*)$/.exec(await line(timeoutMs)) ?? [];
      const headers: [string, string][] = [];
      for (let l = await line(timeoutMs); l !== ''; l = await line(timeoutMs)) {
        const colon = l.indexOf(':');
        headers.push([l.slice(0, colon), l.slice(colon + 1).trim()]);
      }
      return { status: Number(status), reason, headers };
    },
    async readBody(head, timeoutMs) {
      const parts: Buffer[] = [];
      const length = header(head, 'content-length');
      try {
        if (header(head, 'transfer-encoding') === 'chunked') {
          for (let c = await readChunk(timeoutMs); c; c = await readChunk(timeoutMs)) parts.push(c);
        } else if (length !== undefined) parts.push(await exactly(Number(length), timeoutMs));
        else await until(() => (ended ? true : undefined), timeoutMs).catch(ignoreClosed);
      } catch (error) {
        if (error instanceof AnswerTimeout)
          return { body: Buffer.concat([...parts, buffer]), truncated: true };
        ignoreClosed(error);
        parts.push(buffer);
      }
      if (parts.length === 0 && length === undefined) parts.push(buffer);
      return { body: Buffer.concat(parts), truncated: false };
    },
    readChunk,
    async probe(timeoutMs) {
      if (buffer.length > 0) return 'bytes';
      try {
        await until(() => (buffer.length > 0 ? true : undefined), timeoutMs);
        return 'bytes';
      } catch (error) {
        return error instanceof ConnectionClosed ? 'closed' : 'silent';
      }
    },
    rest: () => buffer,
    close: () => void socket.destroy(),
  };
}

export function header(head: RawHead, name: string): string | undefined {
  return head.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof ConnectionClosed)) throw error;
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
