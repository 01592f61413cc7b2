import type { Socket } from 'node:net';
import process from 'node:process';

const held = new Set<Socket>();

/**
 * Call before a write. It leaves, together with all that is written to the socket by then, when
 * the code that runs now has come to its end: a burst of small messages costs one system call.
 * Whole turns of the event loop are not waited for; that would show in the time a task takes.
 */
export function coalesceWrites(socket: Socket): void {
  if (held.size === 0) process.nextTick(release);
  if (held.has(socket)) return;
  held.add(socket);
  socket.cork();
}

function release(): void {
  for (const socket of held) socket.uncork();
  held.clear();
}
