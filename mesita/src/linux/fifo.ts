import { closeSync, constants, open, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

// A plain descriptor: the socket owns it, and no FileHandle closes it behind its back.
const openPlain = promisify(open);

export interface FifoWatch {
  /** Resolves with the first byte, or at the end when none came. */
  readonly byte: Promise<void>;
  /** Resolves when the last writer is gone. */
  readonly end: Promise<void>;
  /** From here on neither promise resolves. */
  close(): void;
}

/** Waits on a FIFO without polling. One whose writers are gone, or that is missing, is at its end. */
export async function watchFifo(path: string): Promise<FifoWatch> {
  let fd: number;
  try {
    fd = await openPlain(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return ended;
  }
  // The kernel signals the end only to who saw a writer: one look tells whether there is any.
  const first = readOnce(fd);
  if (first === 'end') {
    closeSync(fd);
    return ended;
  }
  return watchOpen(fd, first === 'byte');
}

const ended: FifoWatch = { byte: Promise.resolve(), end: Promise.resolve(), close() {} };

function readOnce(fd: number): 'byte' | 'end' | 'nothing' {
  try {
    return readSync(fd, Buffer.alloc(16)) === 0 ? 'end' : 'byte';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'nothing';
    return 'end';
  }
}

function watchOpen(fd: number, hasByte: boolean): FifoWatch {
  const socket = new Socket({ fd, readable: true, writable: false });
  // Errors end in `close` as well.
  socket.on('error', () => socket.destroy());
  socket.on('data', () => {});
  const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const byte = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  // Whoever lets go is told nothing any more: the writers live on.
  const close = (): void => {
    socket.removeAllListeners('close');
    socket.destroy();
  };
  return { byte: hasByte ? Promise.resolve() : Promise.race([byte, end]), end, close };
}
