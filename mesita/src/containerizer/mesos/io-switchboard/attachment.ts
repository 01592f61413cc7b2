// What is said on the socket of a switchboard's server: native/switchboard.c.
import type { Socket } from 'node:net';

interface OutputChunk {
  readonly stream: 'STDOUT' | 'STDERR';
  readonly data: Uint8Array;
}

/** What a container prints from now on. It is read no faster than `chunks` is. */
export interface ContainerOutput {
  /** Once. Ends with the container. */
  readonly chunks: AsyncIterable<OutputChunk>;
  close(): void;
}

/** What a container reads. Each call resolves when there is room for more. */
export interface ContainerInput {
  write(data: Uint8Array): Promise<void>;
  /** Of its terminal; nothing without one. */
  resize(rows: number, columns: number): Promise<void>;
  /** No more comes. A terminal has no such end: who types sends a character for it. */
  end(): Promise<void>;
  /** The container reads no more. */
  readonly closed: Promise<void>;
  /** Lets go once all is sent; another may attach. */
  finish(): void;
  close(): void;
}

const headBytes = 5;

export function readOutput(socket: Socket): ContainerOutput {
  socket.on('error', () => {});
  socket.write('O');
  return { chunks: chunksOf(socket), close: () => socket.destroy() };
}

async function* chunksOf(socket: Socket): AsyncGenerator<OutputChunk> {
  let rest = Buffer.alloc(0);
  try {
    for await (const bytes of socket) {
      rest = Buffer.concat([rest, bytes as Buffer]);
      while (rest.length >= headBytes) {
        const size = rest.readUInt32LE(1);
        if (rest.length < headBytes + size) break;
        const data = rest.subarray(headBytes, headBytes + size);
        yield { stream: rest[0] === 0x65 ? 'STDERR' : 'STDOUT', data };
        rest = rest.subarray(headBytes + size);
      }
    }
  } catch {
    // Whoever closes it, or the server's end, ends the output.
  }
}

/** `BUSY`: somebody types already. */
export async function openInput(socket: Socket): Promise<ContainerInput | 'BUSY'> {
  socket.on('error', () => {});
  socket.write('I');
  const answer = await new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(data.toString('latin1')));
    socket.once('close', () => resolve(''));
  });
  if (answer !== 'K') {
    socket.destroy();
    if (answer === 'B') return 'BUSY';
    throw new Error('I/O switchboard has shutdown');
  }
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.resume();

  async function send(letter: string, data: Uint8Array): Promise<void> {
    const head = Buffer.alloc(headBytes);
    head.write(letter, 'latin1');
    head.writeUInt32LE(data.length, 1);
    if (socket.destroyed || socket.write(Buffer.concat([head, data]))) return;
    await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
  }

  return {
    async write(data) {
      for (let at = 0; at < data.length; at += 16_384)
        await send('d', data.subarray(at, at + 16_384));
    },
    async resize(rows, columns) {
      const size = Buffer.alloc(4);
      size.writeUInt16LE(Math.min(rows, 65_535));
      size.writeUInt16LE(Math.min(columns, 65_535), 2);
      await send('w', size);
    },
    end: () => send('x', new Uint8Array()),
    closed,
    finish: () => void socket.end(),
    close: () => socket.destroy(),
  };
}
