import { performance } from 'node:perf_hooks';
import type { Connection } from './connection.ts';
import { errorOf, ZooKeeperError } from './errors.ts';
import { createWriter, type JuteReader, type JuteWriter } from './jute.ts';

/** One request, and how its answer is read. */
export interface Exchange<T> {
  /** For errors: `create /mesos`. */
  readonly name: string;
  readonly code: number;
  readonly write: (to: JuteWriter) => void;
  readonly read: (from: JuteReader) => T;
}

interface Pending {
  readonly xid: number;
  readonly name: string;
  readonly frame: Buffer;
  readonly take: (from: JuteReader) => void;
  readonly fail: (error: ZooKeeperError) => void;
  sentAt: number;
}

/** The requests of a session: those on their way, and those that wait for a connection. */
interface Exchanges {
  request<T>(exchange: Exchange<T>): Promise<T>;
  /** What waited leaves, and what comes leaves at once. */
  connected(connection: Connection): void;
  /** What was on its way has failed; what comes waits. */
  disconnected(): void;
  /** Takes an answer; gives the time at which its request was sent. Answers come in order. */
  answer(xid: number, error: number, from: JuteReader): number;
  /** Nothing is waited for, or taken, any more. */
  end(error: ZooKeeperError): void;
}

const MAX_WAITING = 100_000;

export function createExchanges(): Exchanges {
  const sent: Pending[] = [];
  const waiting: Pending[] = [];
  let connection: Connection | undefined;
  let ended: ZooKeeperError | undefined;
  let lastXid = 0;

  function send(pending: Pending): void {
    pending.sentAt = performance.now();
    sent.push(pending);
    connection?.send(pending.frame);
  }

  return {
    request: <T>(exchange: Exchange<T>) =>
      new Promise<T>((resolve, reject) => {
        const { name, read } = exchange;
        if (ended) return reject(ended);
        if (waiting.length >= MAX_WAITING) {
          return reject(new ZooKeeperError('CONNECTION_LOSS', `${name}: too much waits already`));
        }
        lastXid = (lastXid % 0x7fff_ffff) + 1;
        const pending: Pending = {
          xid: lastXid,
          name,
          frame: frameOf(lastXid, exchange),
          take(from) {
            try {
              resolve(read(from));
            } catch (error) {
              reject(error);
            }
          },
          fail: reject,
          sentAt: 0,
        };
        if (connection) send(pending);
        else waiting.push(pending);
      }),
    connected(next) {
      connection = next;
      for (const pending of waiting.splice(0)) send(pending);
    },
    disconnected() {
      connection = undefined;
      for (const { name, fail } of sent.splice(0)) {
        fail(new ZooKeeperError('CONNECTION_LOSS', `${name}: the connection to ZooKeeper broke`));
      }
    },
    answer(xid, error, from) {
      const pending = sent.shift();
      if (pending?.xid !== xid) throw new ZooKeeperError('PROTOCOL', 'an answer nobody asked for');
      if (error === 0 || from.isAtEnd === false) pending.take(from);
      else pending.fail(errorOf(error, pending.name));
      return pending.sentAt;
    },
    end(error) {
      ended = error;
      for (const { fail } of [...sent.splice(0), ...waiting.splice(0)]) fail(error);
    },
  };
}

function frameOf(xid: number, { code, write }: Exchange<unknown>): Buffer {
  const to = createWriter();
  to.int(xid);
  to.int(code);
  write(to);
  return to.frame();
}
