import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { readOutput } from './body-output.ts';
import type { Launch } from './life.ts';
import { readFrames, writeFrames } from './line-stream.ts';
import { describeExit, watchMemory } from './watched-child.ts';

interface ProgramOptions {
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
    readFrames(child.stdout, events);
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
    return { send: writeFrames(child.stdin, events), kill: () => killGroup(child.pid) };
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
    readFrames(socket, events);
    socket.on('error', (error) => {
      last = error.message;
    });
    socket.once('close', () => events.ended(last));
    return { send: writeFrames(socket, events), kill: () => void socket.destroy() };
  };
}
