import { MessageChannel, Worker } from 'node:worker_threads';
import { findBundle } from '../find-bundle.ts';
import { readOutput } from './body-output.ts';
import type { GuestLibrary } from './guest.ts';
import type { Launch } from './life.ts';

const MEGABYTE = 1 << 20;

interface WorkerOptions {
  readonly library: GuestLibrary;
  /** Of the thread's heap; what it keeps outside, buffers say, is not counted. */
  readonly memoryBytes: number;
  readonly print: (line: string) => void;
}

/** A thread beside the daemon's own: cheap, with a heap of its own. */
export function launchWorker({ library, memoryBytes, print }: WorkerOptions): Launch {
  const entry = findBundle('module-guest');
  return (events) => {
    let last = '';
    // A port of our own: what it still holds is forgotten when it is closed.
    const { port1: port, port2: theirs } = new MessageChannel();
    const worker = new Worker(entry, {
      workerData: { library, port: theirs },
      transferList: [theirs],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.max(8, memoryBytes / MEGABYTE) },
      stdout: true,
      stderr: true,
    });
    port.on('message', events.received);
    port.on('messageerror', (error) => events.nonsense(error.message));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      last = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? describeLimit(memoryBytes) : error.message;
    });
    worker.on('exit', (status) => {
      port.close();
      events.ended(last || `the thread ended with status ${status}`);
    });
    readOutput(worker.stdout, print);
    readOutput(worker.stderr, print);
    return {
      send: (frame) => port.postMessage(frame),
      kill() {
        port.close();
        void worker.terminate();
      },
    };
  };
}

function describeLimit(memoryBytes: number): string {
  return `it reached its limit of ${Math.round(memoryBytes / MEGABYTE)} MB`;
}
