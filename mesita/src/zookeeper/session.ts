import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger, Random } from '@mesita/sdk/base';
import type { ElectionUrl } from '../wire/election-url.ts';
import { type Connection, type Handshake, openConnection } from './connection.ts';
import { errorOf, ZooKeeperError } from './errors.ts';
import { createExchanges, type Exchange } from './exchanges.ts';
import { createWriter, type JuteReader } from './jute.ts';
import { opCodes } from './records.ts';

export type EventKind = 'CREATED' | 'DELETED' | 'CHANGED' | 'CHILDREN_CHANGED';

interface SessionOptions {
  readonly address: ElectionUrl;
  /** What is asked for; the server's limits decide. */
  readonly timeoutMs: number;
  readonly random: Random;
  readonly log: Logger;
  readonly onEvent: (path: string, kind: EventKind) => void;
  /** The connection broke: no event comes any more for what was watched. */
  readonly onDisconnected: () => void;
}

/** In place of the number of a request. */
const EVENT = -1;
const PING = -2;
const AUTH = -4;
/** How long the goodbye may take. */
const CLOSE_MS = 1_000;
const eventKinds: Readonly<Record<number, EventKind>> = {
  1: 'CREATED',
  2: 'DELETED',
  3: 'CHANGED',
  4: 'CHILDREN_CHANGED',
};

/**
 * Keeps one session alive, over connections to one server after another. A server that is silent
 * for two thirds of the timeout is left for the next one. When no server can have heard of us for
 * the whole timeout, the session is over by our own clock, whatever a server would say later.
 */
export class Session {
  /**
   * Until then, on the clock of `performance.now()`, no server takes the session for dead: counted
   * from the sending of what was answered last. 0 before there is a session.
   */
  aliveUntil = 0;
  /** Resolves once, with the reason. */
  readonly ended: Promise<ZooKeeperError>;

  readonly #options: SessionOptions;
  readonly #exchanges = createExchanges();
  readonly #watch: NodeJS.Timeout;
  readonly #over = new AbortController();
  #handshake: Handshake;
  #connection: Connection | undefined;
  #lastSeen = 0n;
  #heardAt = 0;
  #pingedAt: number | undefined;
  #tellEnd: (reason: ZooKeeperError) => void = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#handshake = { sessionId: 0n, password: Buffer.alloc(16), timeoutMs: options.timeoutMs };
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    // Often enough that no deadline is missed by more than a fraction of the timeout.
    this.#watch = setInterval(() => this.#check(performance.now()), options.timeoutMs / 40);
    void this.#run();
  }

  /** As the server decided, once there is a session. */
  get timeoutMs(): number {
    return this.#handshake.timeoutMs;
  }

  /** Waits for a connection. Rejects when it breaks before the answer, or the session ends. */
  request<T>(exchange: Exchange<T>): Promise<T> {
    return this.#exchanges.request(exchange);
  }

  /** Ends it at the servers too, so that its ephemeral nodes go at once. */
  async close(): Promise<void> {
    if (this.#connection) {
      const { close: code } = opCodes;
      const goodbye = this.request({ name: 'close', code, write() {}, read() {} });
      await Promise.race([
        goodbye.catch(() => undefined),
        pause(CLOSE_MS, undefined, { ref: false }),
      ]);
    }
    this.#end(new ZooKeeperError('CLOSED', 'the session was closed'));
  }

  #end(reason: ZooKeeperError): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    clearInterval(this.#watch);
    this.#connection?.close();
    this.#exchanges.end(reason);
    this.#tellEnd(reason);
  }

  async #run(): Promise<void> {
    const { address, random, log } = this.#options;
    const { signal } = this.#over;
    while (!signal.aborted) {
      for (const server of shuffle(address.servers, random)) {
        if (signal.aborted) return;
        try {
          await this.#serve(server);
        } catch (error) {
          if (error instanceof ZooKeeperError && error.code === 'SESSION_EXPIRED') this.#end(error);
          else log.debug('no connection to ZooKeeper', { ...server, error });
        }
      }
      const ms = Math.min(1_000, this.timeoutMs / 20) * (0.5 + random.next());
      await pause(ms, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when the connection has ended; rejects when there was none. */
  async #serve(server: ElectionUrl['servers'][number]): Promise<void> {
    const { address, log } = this.#options;
    const sentAt = performance.now();
    let onClosed = () => {};
    const closed = new Promise<void>((resolve) => {
      onClosed = resolve;
    });
    const connection = await openConnection({
      server,
      handshake: this.#handshake,
      lastSeen: this.#lastSeen,
      limitMs: (this.timeoutMs * 2) / 3 / Math.min(3, address.servers.length),
      onFrame: (frame) => this.#take(frame),
      onClosed,
    });
    if (this.#over.signal.aborted) return connection.close();
    const { sessionId, password, timeoutMs } = connection;
    this.#handshake = { sessionId, password, timeoutMs };
    this.#connection = connection;
    this.#heardAt = performance.now();
    this.#pingedAt = undefined;
    this.#prolong(sentAt);
    log.info('connected to ZooKeeper', { ...server, timeoutMs });
    if (address.credential !== undefined) connection.send(authFrame(address.credential));
    this.#exchanges.connected(connection);
    await closed;
    this.#connection = undefined;
    this.#exchanges.disconnected();
    if (!this.#over.signal.aborted) this.#options.onDisconnected();
  }

  #take(from: JuteReader): void {
    this.#heardAt = performance.now();
    const xid = from.int();
    const transaction = from.long();
    const error = from.int();
    if (xid === EVENT) {
      const kind = eventKinds[from.int()];
      // How the server sees the session.
      from.int();
      if (kind) this.#options.onEvent(from.string(), kind);
      return;
    }
    if (transaction > 0n) this.#lastSeen = transaction;
    if (xid === AUTH) {
      if (error !== 0) this.#end(errorOf(error, 'authentication'));
    } else if (xid !== PING) {
      this.#prolong(this.#exchanges.answer(xid, error, from));
    } else if (this.#pingedAt !== undefined) {
      this.#prolong(this.#pingedAt);
      this.#pingedAt = undefined;
    }
  }

  #prolong(sentAt: number): void {
    this.aliveUntil = Math.max(this.aliveUntil, sentAt + this.timeoutMs);
  }

  #check(now: number): void {
    const { sessionId, timeoutMs } = this.#handshake;
    const connection = this.#connection;
    if (sessionId !== 0n && now >= this.aliveUntil) {
      this.#end(new ZooKeeperError('SESSION_EXPIRED', 'no ZooKeeper server was heard of in time'));
    } else if (connection && now - this.#heardAt >= (timeoutMs * 2) / 3) {
      this.#options.log.warn('the ZooKeeper server is silent');
      connection.close();
    } else if (connection && this.#pingedAt === undefined && this.#isPingDue(now)) {
      this.#pingedAt = now;
      connection.send(pingFrame());
    }
  }

  #isPingDue(now: number): boolean {
    return this.aliveUntil - now <= (this.timeoutMs * 2) / 3;
  }
}

function pingFrame(): Buffer {
  const to = createWriter();
  to.int(PING);
  to.int(opCodes.ping);
  return to.frame();
}

function authFrame({ name, password }: NonNullable<ElectionUrl['credential']>): Buffer {
  const to = createWriter();
  to.int(AUTH);
  to.int(opCodes.auth);
  to.int(0);
  to.string('digest');
  to.buffer(Buffer.from(`${name}:${password}`));
  return to.frame();
}

function shuffle<T>(all: readonly T[], random: Random): T[] {
  const left = [...all];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random.next() * left.length), 1));
  return order;
}
