import type { Socket } from 'node:net';

/** Sockets written to in this turn of the loop: is what follows held back? */
const written = new Map<Socket, boolean>();

/**
 * Call before a write. The first of a turn leaves at once; those that follow it in the same turn
 * leave together at its end, in one system call, which makes a burst of small messages cheap.
 */
export function coalesceWrites(socket: Socket): void {
  const isHeld = written.get(socket);
  if (isHeld) return;
  written.set(socket, isHeld === false);
  if (isHeld === false) {
    socket.cork();
    return;
  }
  setImmediate(() => {
    if (written.get(socket)) socket.uncork();
    written.delete(socket);
  });
}
