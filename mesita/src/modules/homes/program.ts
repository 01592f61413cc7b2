import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { readOutput } from './body-output.ts';
import type { BodyEvents, Launch } from './life.ts';
import { createLineReader, MAX_LINE_BYTES } from './line-stream.ts';
import { describeExit, watchMemory } from './watched-child.ts';

export interface ProgramOptions {
  /** An executable file, or a unix socket on which a program listens. */
  readonly path: string;
  readonly isSocket: boolean;
  readonly memoryBytes: number;
  readonly print: (line: string) => void;
}

/** A program in any language: one JSON object a line, both ways. */
export function launchProgram(options: ProgramOptions): Launch {
  return options.isSocket ? launchConnection(options) : launchChild(options);
}

function launchChild({ path, memoryBytes, print }: ProgramOptions): Launch {
  return (events) => {
    // Leads a group of its own, so that what it started ends with it.
    const child = spawn(path, [], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    readLines(child.stdout, events);
    readOutput(child.stderr, print);
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      if (child.pid === undefined) events.ended(error.message);
    });
    child.once('exit', (status, signal) => {
      killGroup(child.pid);
      events.ended(describeExit(status, signal));
    });
    watchMemory(child, memoryBytes, events.exceeded);
    return { send: writeLines(child.stdin, events), kill: () => killGroup(child.pid) };
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

function launchConnection({ path }: ProgramOptions): Launch {
  return (events) => {
    let last = 'the program closed the connection';
    const socket = connect(path);
    readLines(socket, events);
    socket.on('error', (error) => {
      last = error.message;
    });
    socket.once('close', () => events.ended(last));
    return { send: writeLines(socket, events), kill: () => void socket.destroy() };
  };
}

function readLines(stream: Readable, events: BodyEvents): void {
  const read = createLineReader(
    (line) => {
      let frame: unknown;
      try {
        frame = JSON.parse(line);
      } catch {
        return events.nonsense(line.slice(0, 200));
      }
      events.received(frame);
    },
    () => events.exceeded(`it writes a line of more than ${MAX_LINE_BYTES} bytes`),
  );
  stream.on('data', read);
  stream.on('error', () => undefined);
}

function writeLines(stream: Writable, events: BodyEvents): (frame: unknown) => void {
  return (frame) => {
    if (stream.writableLength > MAX_LINE_BYTES) {
      events.exceeded('it does not read what it is sent');
      return;
    }
    if (stream.writable) stream.write(`${JSON.stringify(frame)}\n`);
  };
}
