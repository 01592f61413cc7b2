import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import nodeProcess from 'node:process';
import type { Readable } from 'node:stream';
import { findBundle } from '../find-bundle.ts';
import { readOutput } from './body-output.ts';
import type { GuestLibrary } from './guest.ts';
import type { Launch } from './life.ts';
import { readFrames, writeFrames } from './line-stream.ts';
import { describeExit, watchMemory } from './watched-child.ts';

const MEGABYTE = 1 << 20;
const CHANNEL = 3;

interface ProcessOptions {
  readonly library: GuestLibrary;
  /** Of the whole process. */
  readonly memoryBytes: number;
  readonly print: (line: string) => void;
}

/** A Node of its own: whatever the module does to it, the daemon keeps its memory and its thread. */
export function launchProcess({ library, memoryBytes, print }: ProcessOptions): Launch {
  const entry = findBundle('module-guest');
  const heap = `--max-old-space-size=${Math.max(16, Math.round(memoryBytes / MEGABYTE))}`;
  return (events) => {
    let last = '';
    const child = spawn(nodeProcess.execPath, [heap, entry, JSON.stringify(library)], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    // Node makes a socket of it: it goes both ways.
    const channel = child.stdio[CHANNEL] as unknown as Socket;
    readFrames(channel, events);
    channel.on('error', () => child.kill('SIGKILL'));
    child.once('error', (error) => {
      if (child.pid === undefined) events.ended(error.message);
    });
    child.once('close', (status, signal) => events.ended(last || describeExit(status, signal)));
    for (const stream of [child.stdout, child.stderr] as Readable[]) {
      readOutput(stream, (line) => {
        if (/JavaScript heap out of memory/.test(line)) {
          last = `it reached its limit of ${Math.round(memoryBytes / MEGABYTE)} MB`;
        }
        print(line);
      });
    }
    watchMemory(child, memoryBytes + nodeItself, events.exceeded);
    return {
      send: writeFrames(channel, events),
      kill: () => void child.kill('SIGKILL'),
    };
  };
}

/** What a Node that does nothing holds. */
const nodeItself = 96 * MEGABYTE;
