import type { Timer } from '@mesita/sdk/base';
import type { Life } from '../world/life.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { serverHosts } from './address.ts';
import type { Ensemble } from './ensemble.ts';
import type { Answer, Attendance, Question } from './server.ts';

/** One connection of a client to one of the servers. */
export interface Contact {
  readonly isOpen: boolean;
  ask(question: Question, settle: (answer: Answer) => void): void;
  /** The server says something of its own accord. */
  hear(act: () => void): void;
  leave(): void;
}

interface ContactOptions {
  readonly world: SimulatedWorld;
  readonly ensemble: Ensemble;
  readonly host: string;
  readonly life: Life;
  readonly random: SeededRandom;
  readonly timeoutMs: number;
  readonly session: Identity;
  /** Both are told when that was sent which was answered now. */
  readonly onConnected: (sentAt: number) => void;
  readonly onAnswered: (sentAt: number) => void;
  readonly onExpired: () => void;
  readonly onBroken: () => void;
}

/** Whose connections these are. */
export interface Identity {
  readonly host: string;
  /** 0: there is no session yet. */
  id: bigint;
  /** The newest that was seen: no server that knows less will do. */
  seen: bigint;
}

/** A server that is silent for two thirds of the timeout is left; a third without an answer, and it is pinged. */
export function createContact(options: ContactOptions): Contact {
  const { world, ensemble, host, life, random, timeoutMs, session, onBroken } = options;
  const { network } = world;
  const server = random.pick(serverHosts);
  const name = `session ${ensemble.nextConnection()}`;
  let attendance: Attendance | undefined;
  let isOpen = false;
  let isLeft = false;
  let silence: Timer | undefined;
  let ping: Timer | undefined;

  function leave(): void {
    if (isLeft) return;
    isLeft = true;
    silence?.cancel();
    ping?.cancel();
    network.break(host, server, name);
    network.break(server, host, name);
  }

  function lose(): void {
    if (isLeft) return;
    leave();
    onBroken();
  }

  /** From the server to here, while the connection lasts. */
  function bring(act: () => void): void {
    if (isLeft) return;
    network.send(server, host, name, () => {
      if (isLeft || life.isOver) return;
      heard();
      act();
    });
  }

  function heard(): void {
    silence?.cancel();
    silence = life.setTimer((timeoutMs * 2) / 3, lose);
  }

  function pingLater(): void {
    ping?.cancel();
    ping = life.setTimer(timeoutMs / 3, () => ask({ type: 'ping' }, () => {}));
  }

  function ask(question: Question, settle: (answer: Answer) => void): void {
    const sentAt = life.monotonic();
    network.send(host, server, name, () =>
      attendance?.ask(question, (answer) =>
        bring(() => {
          if (answer.seen > session.seen) session.seen = answer.seen;
          options.onAnswered(sentAt);
          pingLater();
          settle(answer);
        }),
      ),
    );
  }

  function open(): void {
    const sentAt = life.monotonic();
    network.send(host, server, name, () => {
      const found = ensemble.attend(server, session, timeoutMs, () => {
        network.break(host, server, name);
        network.break(server, host, name);
      });
      if (found === undefined) return bring(lose);
      if (found === 'EXPIRED') return bring(options.onExpired);
      attendance = found.attendance;
      bring(() => {
        session.id = found.id;
        isOpen = true;
        pingLater();
        options.onConnected(sentAt);
      });
    });
    for (const [from, to] of [
      [host, server],
      [server, host],
    ] as const) {
      network.watch(from, to, name, host, () => life.isOver || lose());
    }
  }

  open();
  silence = life.setTimer((timeoutMs * 2) / 9, lose);
  return {
    get isOpen() {
      return isOpen && !isLeft;
    },
    ask,
    hear: bring,
    leave,
  };
}
