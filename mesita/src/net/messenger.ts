import { connect, type Socket } from 'node:net';
import type { Logger, Pid } from '@mesita/sdk/base';
import { encodeRequest, formatPid, type PidParts, parsePid } from '../wire/libprocess.ts';
import { coalesceWrites } from './coalesce.ts';

interface MessengerOptions {
  /** The address peers answer to, as it stands in `from`. */
  readonly self: { readonly ip: string; readonly port: number };
  /**
   * The connection to a peer broke, or could not be made. What was not yet sent is lost; the next
   * `send` or `link` connects anew.
   */
  readonly onExited?: (address: string) => void;
  readonly log: Logger;
  /** A peer that does not read is given up when this much waits for it. */
  readonly maxQueuedBytes?: number;
  readonly connectTimeoutMs?: number;
}

export interface Messenger {
  /** Messages to one address leave in order; nothing tells whether they arrived. */
  send(to: Pid, from: string, name: string, body: Uint8Array): void;
  /** Keeps a connection to the peer, so that its end is noticed. */
  link(to: Pid): void;
  /** What was sent before still leaves, to peers that are connected. */
  close(): void;
}

/**
 * The sending half of libprocess: one connection for each peer's address, on which requests follow
 * each other without waiting. Answers are read and dropped. The receiving half is the server.
 */
export function createMessenger(options: MessengerOptions): Messenger {
  const { self, log, onExited, maxQueuedBytes = 256 * 1024 * 1024 } = options;
  const peers = new Map<string, Socket>();

  function connectTo({ ip, port, address }: PidParts): Socket {
    const known = peers.get(address);
    if (known) return known;
    const socket = connect({ host: ip, port, noDelay: true, keepAlive: true });
    peers.set(address, socket);
    const limit = setTimeout(
      () => socket.destroy(new Error('connecting took too long')),
      options.connectTimeoutMs ?? 10_000,
    );
    socket.once('connect', () => clearTimeout(limit));
    socket.on('error', (error) => log.debug('peer connection failed', { address, error }));
    // The server's half close is the peer's end: nobody reads what we would still send.
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(limit);
      if (peers.get(address) !== socket) return;
      peers.delete(address);
      onExited?.(address);
    });
    socket.resume();
    return socket;
  }

  function target(to: Pid): PidParts | undefined {
    const parts = parsePid(to);
    if (!parts || parts.port === 0) {
      // `@0.0.0.0:0` stands for a peer that has no libprocess, as HTTP frameworks.
      log.debug('no address to send to', { to });
      return undefined;
    }
    return parts;
  }

  return {
    send(to, from, name, body) {
      const parts = target(to);
      if (!parts) return;
      const socket = connectTo(parts);
      const sender = formatPid(from, self.ip, self.port);
      coalesceWrites(socket);
      socket.write(encodeRequest({ from: sender, to: parts, name, body }));
      if (socket.writableLength > maxQueuedBytes) {
        log.warn('peer does not read its messages', { address: parts.address });
        socket.destroy();
      }
    },
    link(to) {
      const parts = target(to);
      if (parts) connectTo(parts);
    },
    close() {
      const sockets = [...peers.values()];
      peers.clear();
      for (const socket of sockets) {
        // What was said a moment ago still leaves: that an agent goes, say.
        socket.uncork();
        if (socket.connecting) socket.destroy();
        else socket.destroySoon();
      }
    },
  };
}
