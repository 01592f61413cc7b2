import { constants, open } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

// A plain descriptor: the socket owns it, and no FileHandle closes it behind its back.
const openPlain = promisify(open);

export interface FifoWatch {
  /** Resolves with the first byte, or at the end when none came. */
  readonly byte: Promise<void>;
  /** Resolves when the last writer is gone. */
  readonly end: Promise<void>;
  close(): void;
}

/** Waits on a FIFO without polling. One whose writers are gone, or that is missing, is at its end. */
export async function watchFifo(path: string): Promise<FifoWatch> {
  let fd: number;
  try {
    fd = await openPlain(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return { byte: Promise.resolve(), end: Promise.resolve(), close() {} };
  }
  return watchOpen(fd);
}

function watchOpen(fd: number): FifoWatch {
  const socket = new Socket({ fd, readable: true, writable: false });
  // Errors end in `close` as well.
  socket.on('error', () => socket.destroy());
  socket.on('data', () => {});
  const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const byte = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  return { byte: Promise.race([byte, end]), end, close: () => void socket.destroy() };
}
