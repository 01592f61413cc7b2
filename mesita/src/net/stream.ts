import type { ServerResponse } from 'node:http';
import { coalesceWrites } from './coalesce.ts';
import type { HttpSink } from './http.ts';

/**
 * Each `write` becomes one HTTP chunk. A reader that lets `maxBuffered` bytes pile up is cut off:
 * one slow subscriber must not hold the memory of the daemon.
 */
export function openSink(
  response: ServerResponse,
  maxBuffered: number,
  onOverflow: (buffered: number) => void,
): HttpSink {
  let open = !response.destroyed;
  const closed = new Promise<void>((resolve) => {
    const close = () => {
      open = false;
      resolve();
    };
    response.once('close', close);
    if (!open) close();
  });
  return {
    closed,
    write(chunk) {
      if (!open || response.destroyed) return false;
      // A chunk of no bytes would end the body.
      if (chunk.length === 0) return true;
      if (response.socket) coalesceWrites(response.socket);
      response.write(chunk);
      const buffered = response.writableLength;
      if (buffered <= maxBuffered) return true;
      open = false;
      onOverflow(buffered);
      response.destroy();
      return false;
    },
    async drained() {
      if (!response.writableNeedDrain) return;
      await Promise.race([closed, new Promise((resolve) => response.once('drain', resolve))]);
    },
    end() {
      if (!open) return;
      open = false;
      response.end();
    },
  };
}
