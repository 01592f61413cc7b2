import type { Socket } from 'node:net';
import { type Delivery, takeMessage } from '../wire/libprocess-stream.ts';

interface MessageConnectionOptions {
  /** False: nobody here takes it, or it may not come from there. Its answer is an error. */
  readonly deliver: (message: Delivery, socket: Socket) => boolean;
  /** For the rest of a message that began. A silent connection is a link, and may stay. */
  readonly slowClientMs: number;
  /** Called once at most: another reader goes on, with `rest` and whatever comes. */
  readonly handOver: (socket: Socket, rest: Buffer) => void;
}

/** A longer message is not worth looking at its bytes again and again until it is whole. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Reads a new connection for as long as only messages come on it, in the form that libprocess
 * writes: that takes a fraction of what a server of all HTTP needs. With the first request of
 * another form that server takes over.
 */
export function readMessages(socket: Socket, options: MessageConnectionOptions): void {
  let waiting: Buffer | undefined;

  function read(chunk: Buffer): void {
    const bytes = waiting ? Buffer.concat([waiting, chunk]) : chunk;
    let at = 0;
    let count = 0;
    let next = takeMessage(bytes, 0);
    while (typeof next !== 'string' && options.deliver(next.message, socket)) {
      count++;
      at = next.end;
      next = takeMessage(bytes, at);
    }
    accept(socket, count);
    waiting = at < bytes.length ? bytes.subarray(at) : undefined;
    const isWhole = next === 'partial' && (waiting?.length ?? 0) <= MAX_WAITING_BYTES;
    if (!isWhole) leave(bytes.subarray(at));
    else socket.setTimeout(waiting ? options.slowClientMs : 0);
  }

  function leave(rest: Buffer): void {
    socket.setTimeout(0);
    socket.off('data', read).off('end', end).off('error', end).off('timeout', end);
    options.handOver(socket, rest);
  }

  const end = () => socket.destroy();
  socket.on('data', read).once('end', end).once('error', end).once('timeout', end);
}

/** Senders do not look at it, but those of another make may wait for it. */
function accept(socket: Socket, count: number): void {
  if (count === 0) return;
  const answer = `HTTP/1.1 202 Accepted\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: 0\r\n\r\n`;
  socket.write(answer.repeat(count), 'latin1');
}
