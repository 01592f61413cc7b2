// What is printed elsewhere, to here; what is typed here, to there.
import process from 'node:process';
import { PassThrough } from 'node:stream';
import type { agent, ContainerID } from '@mesita/sdk/types';
import type { ClientStream } from '../../net/client.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import { encodeRecord } from '../../wire/recordio.ts';
import * as schema from '../../wire/schema/agent.ts';
import type { DaemonClient } from '../daemon-client.ts';
import { Problem } from '../problem.ts';
import { mediaHeaders } from './api.ts';
import type { RawTerminal } from './raw-terminal.ts';

/** Opens an answer that goes on, of a session or of attached output. */
export async function openOutput(client: DaemonClient, call: agent.Call): Promise<ClientStream> {
  const body = encode(schema.Call, call);
  const answer = await client.subscribe('/api/v1', { headers: mediaHeaders, body });
  if ('records' in answer) return answer;
  throw client.refusal(answer);
}

/** Resolves when the container prints no more. */
export async function copyOutput({ records }: ClientStream): Promise<void> {
  try {
    for await (const record of records) {
      const { data } = decode(schema.ProcessIO, record);
      if (!data?.data) continue;
      const to = data.type === 'STDERR' ? process.stderr : process.stdout;
      if (!to.write(data.data)) await new Promise((resolve) => to.once('drain', resolve));
    }
  } catch (cause) {
    throw new Problem('the agent is gone', 'The task may go on without us.', { cause });
  }
}

interface Typing {
  /** Absent: nothing is read here, only the size is told. */
  readonly reads: boolean;
  readonly terminal: RawTerminal | undefined;
  /** Asked of each piece of what is typed; true: this is not for the container, and all. */
  readonly leaves?: (data: Uint8Array) => boolean;
}

const heartbeatMs = 15_000;

/** What is typed, on its way. */
interface Input {
  stop(): void;
  /** Rejects with a Problem when we may look, but not type. */
  readonly refused: Promise<never>;
}

export const noInput: Input = { stop() {}, refused: new Promise(() => {}) };

/** Types into the container. */
export function sendInput(client: DaemonClient, id: ContainerID, typing: Typing): Input {
  const { reads, terminal, leaves } = typing;
  const body = new PassThrough();
  const send = (attachContainerInput: agent.Call.AttachContainerInput): void => {
    if (body.destroyed || body.writableEnded) return;
    const call: agent.Call = { type: 'ATTACH_CONTAINER_INPUT', attachContainerInput };
    if (!body.write(encodeRecord(encode(schema.Call, call)))) process.stdin.pause();
  };
  const sendIo = (processIo: agent.ProcessIO): void => send({ type: 'PROCESS_IO', processIo });
  const sendData = (data: Uint8Array): void =>
    sendIo({ type: 'DATA', data: { type: 'STDIN', data } });
  const tellSize = (): void => {
    const windowSize = terminal?.size;
    if (windowSize) {
      sendIo({ type: 'CONTROL', control: { type: 'TTY_INFO', ttyInfo: { windowSize } } });
    }
  };
  const onData = (data: Uint8Array): void => {
    if (leaves?.(data) !== true) sendData(data);
  };
  // On a terminal the end is a character that somebody typed.
  const onEnd = (): void => sendData(terminal ? new Uint8Array([4]) : new Uint8Array());

  send({ type: 'CONTAINER_ID', containerId: id });
  tellSize();
  terminal?.onResize(tellSize);
  const interval = { nanoseconds: BigInt(heartbeatMs) * 1_000_000n };
  const beat = setInterval(
    () => sendIo({ type: 'CONTROL', control: { type: 'HEARTBEAT', heartbeat: { interval } } }),
    heartbeatMs,
  );
  body.on('drain', () => reads && process.stdin.resume());
  if (reads) process.stdin.on('data', onData).once('end', onEnd);
  const headers = {
    'Content-Type': 'application/recordio',
    'Message-Content-Type': 'application/x-protobuf',
    Accept: 'application/x-protobuf',
  };
  const refused = new Promise<never>((_, refuse) => {
    client.request('/api/v1', { headers, body }).then(
      // How the container ends is told by its output.
      (answer) => answer.status === 403 && refuse(client.refusal(answer)),
      () => {},
    );
  });
  const stop = () => {
    clearInterval(beat);
    process.stdin.off('data', onData).off('end', onEnd).pause();
    body.end();
  };
  return { stop, refused };
}

/** What a shell would say of a raw wait status. */
export function exitStatusOf(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}
