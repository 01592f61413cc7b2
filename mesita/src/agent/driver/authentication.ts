// The agent proves to a master who it is, before it registers.
import type { Clock, Logger, Pid, Random } from '@mesita/sdk/base';
import type { Authenticatee } from '@mesita/sdk/module';
import type { Credential } from '@mesita/sdk/types';
import { createRemoteChannel, type RemoteChannel } from '../../modules/homes/channels.ts';
import type { HttpProcess, ReceivedMessage } from '../../net/http.ts';
import type { Messenger } from '../../net/messenger.ts';
import { DecodeError } from '../../wire/errors.ts';
import { decodeReceived, encodeMessage, type MessageOf } from '../../wire/messages.ts';
import { parsePid } from '../../wire/pid.ts';

/** How an agent with a credential goes about it. */
export interface AuthenticationPlan {
  readonly credential: Credential;
  /** Of `--authenticatee`: the same for each attempt. Rejects when there is none. */
  create(): Promise<{ readonly instance: Authenticatee; readonly mechanism: string }>;
  readonly timeoutMinMs: number;
  readonly timeoutMaxMs: number;
  readonly backoffFactorMs: number;
}

export interface AuthenticationOptions {
  readonly plan: AuthenticationPlan;
  readonly self: Pid;
  readonly processes: { add(process: HttpProcess): void; remove(id: string): void };
  readonly messenger: Pick<Messenger, 'send' | 'link'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly onAuthenticated: (master: Pid) => void;
  /** Refused for good, or there is nothing to try it with: the agent must end. */
  readonly onRefused: (reason: string) => void;
}

export interface Authentication {
  /** Tries until it is done or refused. Undefined gives up; another master takes the place of one. */
  start(master: Pid | undefined): void;
}

export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { plan, clock, random, log } = options;
  let current = new AbortController();
  let count = 0;

  /** One attempt. Rejects when it failed, and may succeed another time. */
  async function attempt(master: Pid, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const { instance, mechanism } = await plan.create().catch((error: Error) => {
      throw new NoAuthenticatee(error.message, { cause: error });
    });
    count += 1;
    const abort = new AbortController();
    const stop = () => abort.abort(signal.reason);
    signal.addEventListener('abort', stop);
    const timer = clock.setTimer(timeoutMs, () => abort.abort(new Error('it took too long')));
    const session = openSession(options, mechanism, master, `authenticatee(${count})`);
    try {
      const ended = new Promise<never>((_resolve, reject) => {
        abort.signal.addEventListener('abort', () => reject(abort.signal.reason));
      });
      ended.catch(() => undefined);
      const { credential } = plan;
      const own = instance
        .authenticate(master, options.self, credential, session.channel, abort.signal)
        .then((isDone) => isDone && session.outcome);
      // A refusal is one whatever the authenticatee still waits for.
      const verdict = session.outcome.then((isDone) => isDone && own);
      return await Promise.race([own, verdict, ended]);
    } finally {
      signal.removeEventListener('abort', stop);
      timer.cancel();
      session.close();
    }
  }

  async function run(master: Pid, signal: AbortSignal): Promise<void> {
    const { timeoutMinMs: min, timeoutMaxMs, backoffFactorMs } = plan;
    for (let spread = backoffFactorMs * 2; !signal.aborted; spread *= 2) {
      const max = Math.min(min + spread, timeoutMaxMs);
      const timeoutMs = min + Math.max(0, max - min) * random.next();
      const startedAt = clock.now();
      try {
        const isDone = await attempt(master, timeoutMs, signal);
        if (signal.aborted) return;
        if (isDone) options.onAuthenticated(master);
        else options.onRefused(`Master ${master} refused authentication`);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof NoAuthenticatee) return options.onRefused(error.message);
        log.warn('failed to authenticate with the master', { master, error });
      }
      // What fails at once must not be tried again at once.
      const waitMs = Math.max(0, Math.min(spread, min) * random.next() - (clock.now() - startedAt));
      await new Promise<void>((resolve) => clock.setTimer(waitMs, resolve));
    }
  }

  return {
    start(master) {
      current.abort(new Error('the master changed'));
      current = new AbortController();
      if (master !== undefined) void run(master, current.signal);
    },
  };
}

class NoAuthenticatee extends Error {}

interface Session {
  readonly channel: RemoteChannel;
  /** Whether the master is satisfied, or refuses. Rejects when it fails. */
  readonly outcome: Promise<boolean>;
  close(): void;
}

/** The process that talks to the master for this agent. */
function openSession(
  { processes, messenger, self, log }: AuthenticationOptions,
  mechanism: string,
  master: Pid,
  id: string,
): Session {
  const address = parsePid(master)?.address;
  let settle = (_isSatisfied: boolean): void => undefined;
  let fail = (_error: Error): void => undefined;
  const outcome = new Promise<boolean>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  outcome.catch(() => undefined);
  /** Who answers for the master; what is said before is kept. */
  let peer: Pid | undefined;
  let first: Uint8Array | undefined;
  let isStarted = false;

  function speak(data: Uint8Array): void {
    if (isStarted && peer) say(peer, 'AuthenticationStepMessage', { data });
    else first ??= data;
    start();
  }
  function start(): void {
    if (isStarted || !peer || !first) return;
    isStarted = true;
    say(peer, 'AuthenticationStartMessage', { mechanism, data: first });
  }
  function say<Name extends Said>(to: Pid, name: Name, body: MessageOf<`mesos.internal.${Name}`>) {
    const full = `mesos.internal.${name}` as const;
    messenger.send(to, id, full, encodeMessage(full, body));
  }
  const channel = createRemoteChannel(speak);

  function hear(message: ReceivedMessage): void {
    const received = decodeReceived('authenticatee', message.name, message.body);
    switch (received?.name) {
      case 'mesos.internal.AuthenticationMechanismsMessage': {
        const { mechanisms = [] } = received.message;
        if (mechanisms.includes(mechanism)) {
          peer ??= message.from as Pid;
          return start();
        }
        return fail(new Error(`the master offers only ${mechanisms.join(', ')}`));
      }
      case 'mesos.internal.AuthenticationStepMessage':
        return channel.receive(received.message.data);
      case 'mesos.internal.AuthenticationCompletedMessage':
        channel.receive(new Uint8Array());
        return settle(true);
      case 'mesos.internal.AuthenticationFailedMessage':
        return settle(false);
      case 'mesos.internal.AuthenticationErrorMessage':
        return fail(new Error(`Authentication error: ${received.message.error ?? ''}`));
    }
  }

  processes.add({
    id,
    routes: [],
    receive(message) {
      if (parsePid(message.from)?.address !== address) return;
      try {
        hear(message);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        log.warn('dropping message that cannot be read', {
          from: message.from,
          name: message.name,
        });
      }
    },
  });
  messenger.link(master);
  say(master, 'AuthenticateMessage', { pid: self });
  return {
    channel,
    outcome,
    close() {
      processes.remove(id);
      channel.end();
    },
  };
}

type Said = 'AuthenticateMessage' | 'AuthenticationStartMessage' | 'AuthenticationStepMessage';
