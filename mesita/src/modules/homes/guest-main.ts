// Entry of a module's home: a worker thread, or a process that speaks on descriptor 3.
import { Socket } from 'node:net';
import process from 'node:process';
import { isMainThread, type MessagePort, workerData } from 'node:worker_threads';
import { jsonDialect, plainDialect } from './dialect.ts';
import { type GuestLibrary, serveGuest } from './guest.ts';
import { readFrames, writeFrames } from './line-stream.ts';

const CHANNEL = 3;

const leave = (): never => process.exit(0);
const fail = (what: string): never => {
  throw new Error(what);
};

interface ThreadData {
  readonly library: GuestLibrary;
  readonly port: MessagePort;
}

function serveThread({ library, port }: ThreadData): void {
  const session = serveGuest({
    library,
    dialect: plainDialect,
    send: (frame) => port.postMessage(frame),
    end: leave,
  });
  port.on('message', session.receive);
}

function serveProcess(): void {
  const socket = new Socket({ fd: CHANNEL, readable: true, writable: true });
  const send = writeFrames(socket, { exceeded: fail });
  const session = serveGuest({
    library: JSON.parse(process.argv[2] ?? '{}') as GuestLibrary,
    dialect: jsonDialect,
    send,
    end: leave,
  });
  readFrames(socket, { received: session.receive, nonsense: fail, exceeded: fail });
  // A daemon that is gone needs no module; its next life starts another.
  socket.on('close', leave);
}

if (isMainThread) serveProcess();
else serveThread(workerData as ThreadData);
