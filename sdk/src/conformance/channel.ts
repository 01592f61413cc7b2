import type { AuthenticationChannel } from '../module/index.ts';

interface End extends AuthenticationChannel {
  /** The peer is gone. */
  close(): void;
}

/** Both ends of a conversation in memory. */
export function createChannelPair(): readonly [End, End] {
  const [left, right] = [createQueue(), createQueue()];
  const end = (own: Queue, other: Queue): End => ({
    send: (message) => other.push(message),
    messages: own.messages,
    close() {
      own.end();
      other.end();
    },
  });
  return [end(left, right), end(right, left)];
}

interface Queue {
  push(message: Uint8Array): void;
  end(): void;
  readonly messages: AsyncIterable<Uint8Array>;
}

function createQueue(): Queue {
  const waiting: Uint8Array[] = [];
  let wake: (() => void) | undefined;
  let isOver = false;
  const ring = () => {
    wake?.();
    wake = undefined;
  };
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (isOver) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    push(message) {
      if (!isOver) waiting.push(message);
      ring();
    },
    end() {
      isOver = true;
      ring();
    },
    messages: { [Symbol.asyncIterator]: read },
  };
}
