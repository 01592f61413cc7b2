import type { Timer } from '@mesita/sdk/base';
import type { ZooKeeperError } from '../../zookeeper/errors.ts';
import type { Life } from '../world/life.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { type Contact, createContact, type Identity } from './contact.ts';
import type { Ensemble } from './ensemble.ts';
import type { Answer, Question } from './server.ts';
import { failure } from './tree.ts';

export interface SessionOptions {
  readonly world: SimulatedWorld;
  readonly ensemble: Ensemble;
  readonly host: string;
  readonly life: Life;
  readonly random: SeededRandom;
}

/** One session over one connection after another, with the deadlines of the real one. */
interface Session {
  readonly aliveUntil: number;
  readonly ended: Promise<ZooKeeperError>;
  request<T>(question: Question): Promise<T>;
  /** What the server calls comes over the connection of then, if that still is. */
  telling(act: () => void): () => void;
  close(): Promise<void>;
}

/** How long the goodbye may take. */
const closeMs = 1000;

export function createSession(
  options: SessionOptions,
  timeoutMs: number,
  onDisconnected: () => void,
): Session {
  const { world, life, random } = options;
  const identity: Identity = { host: options.host, id: 0n, seen: 0n };
  const requests = createRequests(world);
  let aliveUntil = 0;
  let contact: Contact | undefined;
  let isOver = false;
  let expiry: Timer | undefined;
  let tellEnd: (reason: ZooKeeperError) => void = () => {};
  const ended = new Promise<ZooKeeperError>((resolve) => {
    tellEnd = resolve;
  });

  function end(reason: ZooKeeperError): void {
    if (isOver) return;
    isOver = true;
    expiry?.cancel();
    contact?.leave();
    requests.end(reason);
    onDisconnected();
    tellEnd(reason);
  }

  function prolong(sentAt: number): void {
    aliveUntil = Math.max(aliveUntil, sentAt + timeoutMs);
    expiry?.cancel();
    expiry = life.setTimer(aliveUntil - life.monotonic(), () =>
      end(failure('SESSION_EXPIRED', 'no server was heard of in time')),
    );
  }

  function connect(): void {
    if (isOver) return;
    const made = createContact({
      ...options,
      timeoutMs,
      session: identity,
      onConnected(sentAt) {
        prolong(sentAt);
        requests.connected(made);
      },
      onAnswered: prolong,
      onExpired: () => end(failure('SESSION_EXPIRED', 'says the server')),
      onBroken() {
        if (contact !== made) return;
        contact = undefined;
        requests.disconnected();
        onDisconnected();
        life.setTimer(random.between(0.05, 0.15) * timeoutMs, connect);
      },
    });
    contact = made;
  }

  connect();
  return {
    get aliveUntil() {
      return aliveUntil;
    },
    ended,
    request: requests.request,
    telling: (act) => () => contact?.hear(act),
    async close() {
      if (!isOver && contact?.isOpen) {
        const goodbye = requests.request({ type: 'close' }).catch(() => undefined);
        const limit = new Promise<void>((resolve) => life.setTimer(closeMs, resolve));
        await Promise.race([goodbye, limit]);
      }
      end(failure('CLOSED', 'the session was closed'));
    },
  };
}

/** What waits for a connection, or for its answer. */
interface Pending {
  readonly question: Question;
  readonly settle: (answer: Answer) => void;
}

function createRequests(world: SimulatedWorld) {
  const inFlight = new Set<Pending>();
  let waiting: Pending[] = [];
  let contact: Contact | undefined;
  let ended: ZooKeeperError | undefined;

  function fail(some: Iterable<Pending>, error: ZooKeeperError): void {
    for (const { settle } of [...some]) settle({ ok: false, error, seen: 0n });
  }

  function ask(pending: Pending): void {
    inFlight.add(pending);
    contact?.ask(pending.question, (answer) => {
      if (inFlight.has(pending)) pending.settle(answer);
    });
  }

  return {
    connected(made: Contact): void {
      contact = made;
      const asked = waiting;
      waiting = [];
      for (const pending of asked) ask(pending);
    },
    /** Of what was on its way nobody knows whether it arrived. */
    disconnected(): void {
      contact = undefined;
      fail(inFlight, failure('CONNECTION_LOSS', 'request'));
    },
    end(reason: ZooKeeperError): void {
      ended = reason;
      fail([...inFlight, ...waiting], reason);
      waiting = [];
    },
    request<T>(question: Question): Promise<T> {
      return new Promise((resolve, reject) => {
        const pending: Pending = {
          question,
          settle(answer) {
            inFlight.delete(pending);
            world.hasPromises = true;
            if (answer.ok) resolve(answer.value as T);
            else reject(answer.error);
          },
        };
        if (ended) pending.settle({ ok: false, error: ended, seen: 0n });
        else if (contact) ask(pending);
        else waiting.push(pending);
      });
    },
  };
}
