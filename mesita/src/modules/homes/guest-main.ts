// Entry of a module's home: a worker thread, or a process that speaks on descriptor 3.
import { Socket } from 'node:net';
import process from 'node:process';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createFrameReader, writeFrame } from './frame-stream.ts';
import { type GuestLibrary, serveGuest } from './guest.ts';

const CHANNEL = 3;

function serveThread(): void {
  const port = parentPort;
  if (!port) throw new Error('This thread has no parent');
  const session = serveGuest(
    workerData as GuestLibrary,
    (frame) => port.postMessage(frame),
    () => process.exit(0),
  );
  port.on('message', session.receive);
}

function serveProcess(): void {
  const socket = new Socket({ fd: CHANNEL, readable: true, writable: true });
  const session = serveGuest(
    JSON.parse(process.argv[2] ?? '{}') as GuestLibrary,
    (frame) => void socket.write(writeFrame(frame)),
    () => process.exit(0),
  );
  socket.on(
    'data',
    createFrameReader(session.receive, (problem) => {
      throw new Error(problem);
    }),
  );
  // A daemon that is gone needs no module; its next life starts another.
  socket.on('close', () => process.exit(0));
  socket.on('error', () => process.exit(0));
}

if (isMainThread) serveProcess();
else serveThread();
