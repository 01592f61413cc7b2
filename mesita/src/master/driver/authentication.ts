// Peers over libprocess prove who they are: scheduler drivers and agents.
import type { Clock, Logger, Pid } from '@mesita/sdk/base';
import type { Authenticator } from '@mesita/sdk/module';
import { createRemoteChannel, type RemoteChannel } from '../../modules/homes/channels.ts';
import type { HttpProcess, ReceivedMessage } from '../../net/http.ts';
import type { Messenger } from '../../net/messenger.ts';
import { DecodeError } from '../../wire/errors.ts';
import { decodeReceived, encodeMessage, type MessageOf } from '../../wire/messages.ts';
import { parsePid } from '../../wire/pid.ts';

export interface AuthenticationOptions {
  /** Undefined: whoever tries is told that there is none. */
  readonly authenticator?:
    | { readonly instance: Authenticator; readonly mechanism: string }
    | undefined;
  /** Of one attempt; 15 seconds by default. */
  readonly authenticationTimeoutMs?: number | undefined;
  readonly messenger: Pick<Messenger, 'send' | 'link'>;
  readonly processes: { add(process: HttpProcess): void; remove(id: string): void };
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Authentication {
  /** True: it was a client's wish to be authenticated, and is taken care of. */
  take(message: ReceivedMessage): boolean;
  /** Whom a client proved to be. */
  principalOf(client: string): string | undefined;
  /** Settles with the client's attempt under way, if there is one. */
  pending(client: string): Promise<void> | undefined;
  /** The connection to an address broke: who was there must prove it anew. */
  exited(address: string): void;
  /** Attempts so far: `master/messages_authenticate`. */
  readonly attempts: number;
}

/** Everybody may begin an attempt, and each holds memory until it ends. */
const MAX_ATTEMPTS = 10_000;
/** No mechanism says more. */
const MAX_MESSAGES = 16;

interface Attempt {
  readonly abort: AbortController;
  readonly address: string | undefined;
  readonly done: Promise<void>;
}

export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { authenticator, clock, log, authenticationTimeoutMs: timeoutMs = 15_000 } = options;
  const authenticated = new Map<string, string>();
  const attempts = new Map<string, Attempt>();
  let count = 0;

  async function authenticate(from: Pid, client: string, abort: AbortController): Promise<void> {
    if (!authenticator) return;
    const session = openSession(options, authenticator.mechanism, from, `${count}`);
    abort.signal.addEventListener('abort', session.channel.end);
    const { signal } = abort;
    try {
      const ended = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      const { instance } = authenticator;
      const asked = instance.authenticate(from, session.channel, signal);
      const principal = await Promise.race([asked, ended]);
      if (principal === undefined) {
        log.warn('authentication refused', { client });
        session.tell('AuthenticationFailedMessage', {});
        return;
      }
      authenticated.set(client, principal);
      log.info('authenticated', { client, principal });
      session.tell('AuthenticationCompletedMessage', {});
    } catch (error) {
      log.warn('authentication failed', { client, error });
      if (!signal.aborted) {
        session.tell('AuthenticationErrorMessage', { error: (error as Error).message });
      }
    } finally {
      session.close();
    }
  }

  function begin(from: Pid, client: string): void {
    count += 1;
    authenticated.delete(client);
    attempts.get(client)?.abort.abort(new Error('a new attempt took its place'));
    const address = parsePid(from)?.address;
    const error = reasonNotToBegin(address, client);
    if (error !== undefined) {
      log.warn('authentication cannot begin', { client, from, error });
      send(options.messenger, from, 'master', 'AuthenticationErrorMessage', { error });
      return;
    }
    const abort = new AbortController();
    const timer = clock.setTimer(timeoutMs, () => abort.abort(new Error('it took too long')));
    const done = authenticate(from, client, abort).finally(() => {
      timer.cancel();
      if (attempts.get(client)?.abort === abort) attempts.delete(client);
    });
    attempts.set(client, { abort, done, address });
  }

  function reasonNotToBegin(address: string | undefined, client: string): string | undefined {
    if (!authenticator) return 'No authenticator loaded';
    // Nobody proves for another's process who that is.
    if (address === undefined || parsePid(client)?.address !== address) {
      return 'The process to authenticate is at another address';
    }
    return attempts.size >= MAX_ATTEMPTS ? 'Too many attempts at once' : undefined;
  }

  return {
    get attempts() {
      return count;
    },
    take(message) {
      if (message.name !== 'mesos.internal.AuthenticateMessage') return false;
      const client = readClient(message);
      if (client === undefined) log.warn('unreadable message', { ...message, body: undefined });
      else begin(message.from as Pid, client);
      return true;
    },
    principalOf: (client) => authenticated.get(client),
    pending: (client) => attempts.get(client)?.done,
    exited(address) {
      for (const client of authenticated.keys()) {
        if (parsePid(client)?.address === address) authenticated.delete(client);
      }
      for (const { abort, address: its } of attempts.values()) {
        if (its === address) abort.abort(new Error('the peer is gone'));
      }
    },
  };
}

interface Session {
  readonly channel: RemoteChannel;
  tell<Name extends Told>(name: Name, body: MessageOf<`mesos.internal.${Name}`>): void;
  close(): void;
}

/** The process that talks to one peer, and hears nobody else. */
function openSession(
  { messenger, processes, log }: AuthenticationOptions,
  mechanism: string,
  peer: Pid,
  number: string,
): Session {
  const id = `authenticator-session(${number})`;
  let heard = 0;
  const tell: Session['tell'] = (name, body) => send(messenger, peer, id, name, body);
  const channel = createRemoteChannel((data) => tell('AuthenticationStepMessage', { data }));
  processes.add({
    id,
    routes: [],
    receive(message) {
      const data = readStep(message, peer, mechanism);
      heard += 1;
      if (data && heard <= MAX_MESSAGES) channel.receive(data);
      else {
        log.warn('unexpected message of authentication', { peer, name: message.name });
        channel.end();
      }
    },
  });
  messenger.link(peer);
  tell('AuthenticationMechanismsMessage', { mechanisms: [mechanism] });
  return { channel, tell, close: () => processes.remove(id) };
}

function readClient({ name, body }: ReceivedMessage): string | undefined {
  try {
    const received = decodeReceived('master', name, body);
    return received?.name === 'mesos.internal.AuthenticateMessage'
      ? received.message.pid
      : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** What the client says by its mechanism, or undefined when it is something else. */
function readStep(message: ReceivedMessage, peer: Pid, mechanism: string): Uint8Array | undefined {
  if (message.from !== peer) return undefined;
  try {
    const received = decodeReceived('authenticatorSession', message.name, message.body);
    if (received?.name === 'mesos.internal.AuthenticationStartMessage') {
      const { mechanism: chosen, data = new Uint8Array() } = received.message;
      return chosen === mechanism ? data : undefined;
    }
    return received?.message.data;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

type Told =
  | 'AuthenticationMechanismsMessage'
  | 'AuthenticationStepMessage'
  | 'AuthenticationCompletedMessage'
  | 'AuthenticationFailedMessage'
  | 'AuthenticationErrorMessage';

function send<Name extends Told>(
  messenger: Pick<Messenger, 'send'>,
  to: Pid,
  from: string,
  name: Name,
  body: MessageOf<`mesos.internal.${Name}`>,
): void {
  const full = `mesos.internal.${name}` as const;
  messenger.send(to, from, full, encodeMessage(full, body));
}
