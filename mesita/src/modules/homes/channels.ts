import type { AuthenticationChannel } from '@mesita/sdk/module';

interface Channels {
  /** Lends a channel for as long as `run`, which tells the other side its number. */
  lend<T>(channel: unknown, run: (number: number) => Promise<T>): Promise<T>;
  /** The other side says something on a channel it was lent. */
  hear(number: number, message: Uint8Array): void;
}

/** The daemon's end of the conversations between modules and peers. */
export function createChannels(
  notify: (method: 'message' | 'end', args: readonly unknown[]) => void,
): Channels {
  const open = new Map<number, AuthenticationChannel>();
  let last = 0;

  async function forward(
    number: number,
    messages: AsyncIterator<Uint8Array>,
    isOpen: () => boolean,
  ): Promise<void> {
    for (;;) {
      const next = await messages.next();
      if (!isOpen()) return;
      if (next.done) return notify('end', [number]);
      notify('message', [number, next.value]);
    }
  }

  return {
    lend(lent, run) {
      const channel = lent as AuthenticationChannel;
      const number = ++last;
      open.set(number, channel);
      const messages = channel.messages[Symbol.asyncIterator]();
      const result = run(number);
      forward(number, messages, () => open.has(number)).catch(() => notify('end', [number]));
      const close = () => {
        open.delete(number);
        void messages.return?.();
      };
      result.then(close, close);
      return result;
    },
    hear: (number, message) => open.get(number)?.send(message),
  };
}

/** A channel as a module in another home sees it. */
export interface RemoteChannel extends AuthenticationChannel {
  receive(message: Uint8Array): void;
  end(): void;
}

export function createRemoteChannel(send: (message: Uint8Array) => void): RemoteChannel {
  const queue: Uint8Array[] = [];
  let isEnded = false;
  let wake = (): void => {};
  const changed = () => wake();
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const message = queue.shift();
      if (message) yield message;
      else if (isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    send,
    messages: { [Symbol.asyncIterator]: read },
    receive(message) {
      queue.push(message);
      changed();
    },
    end() {
      isEnded = true;
      changed();
    },
  };
}
