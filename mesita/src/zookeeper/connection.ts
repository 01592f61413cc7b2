import { connect } from 'node:net';
import { ZooKeeperError } from './errors.ts';
import { createReader, createWriter, type JuteReader } from './jute.ts';

export interface Handshake {
  /** 0n and no password for a new session. */
  readonly sessionId: bigint;
  readonly password: Buffer;
  /** Asked for, or as the server decided. */
  readonly timeoutMs: number;
}

export interface Connection extends Handshake {
  send(frame: Buffer): void;
  close(): void;
}

interface ConnectionOptions {
  readonly server: { readonly host: string; readonly port: number };
  readonly handshake: Handshake;
  /** The newest transaction seen: a server that knows less refuses. */
  readonly lastSeen: bigint;
  /** For all of connecting and the handshake. */
  readonly limitMs: number;
  readonly onFrame: (frame: JuteReader) => void;
  /** Once, after the handshake. */
  readonly onClosed: () => void;
}

/** A node holds 1 MB at most; a list of children may be longer. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/**
 * Opens one connection and makes the handshake. Rejects when that takes too long or breaks off, and
 * with `SESSION_EXPIRED` when the server does not know the session any more.
 */
export function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { server, onFrame, onClosed } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ ...server, noDelay: true });
    let isOpen = false;
    let failure: Error | undefined;
    const limit = setTimeout(() => socket.destroy(new Error('no answer')), options.limitMs);
    const read = readFrames((frame) => {
      if (isOpen) return onFrame(frame);
      const agreed = readHandshake(frame);
      clearTimeout(limit);
      isOpen = true;
      resolve({
        ...agreed,
        send: (bytes) => socket.write(bytes),
        close: () => socket.destroy(),
      });
    });
    socket.once('connect', () => socket.write(handshakeFrame(options)));
    socket.on('data', (chunk) => {
      try {
        read(chunk);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(limit);
      if (isOpen) onClosed();
      else reject(failure ?? new Error('the server closed the connection'));
    });
  });
}

function handshakeFrame({ handshake, lastSeen }: ConnectionOptions): Buffer {
  const to = createWriter();
  to.int(0);
  to.long(lastSeen);
  to.int(handshake.timeoutMs);
  to.long(handshake.sessionId);
  to.buffer(handshake.password);
  return to.frame();
}

function readHandshake(from: JuteReader): Handshake {
  from.int();
  const timeoutMs = from.int();
  const sessionId = from.long();
  const password = Buffer.from(from.buffer());
  if (timeoutMs <= 0) throw new ZooKeeperError('SESSION_EXPIRED', 'the session has expired');
  return { timeoutMs, sessionId, password };
}

/** Gives the function that takes the bytes as they come. Throws on a frame that is too large. */
function readFrames(onFrame: (frame: JuteReader) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let size = 0;
  let wanted = 4;
  return (chunk) => {
    parts.push(chunk);
    size += chunk.length;
    // Parts are joined once what is wanted is there: a large frame is copied once.
    while (size >= wanted) {
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
      const length = bytes.readInt32BE(0);
      if (length < 0 || length > MAX_FRAME_BYTES) {
        throw new ZooKeeperError('PROTOCOL', `ZooKeeper sent a frame of ${length} bytes`);
      }
      const end = 4 + length;
      wanted = size < end ? end : 4;
      parts = [size < end ? bytes : bytes.subarray(end)];
      if (size < end) return;
      size -= end;
      onFrame(createReader(bytes.subarray(4, end)));
    }
  };
}
