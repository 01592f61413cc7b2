import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Logger } from '@mesita/sdk/base';

export interface Answer {
  /** `ok`, `event` for what happened to an earlier request, or anything else for a refusal. */
  readonly kind: string;
  readonly sequence: string;
  readonly text: string;
}

/** How to start a launcher and to understand what it writes. */
export interface LauncherProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Called for each start: makes what cuts the output into answers. */
  readonly createReader: (receive: (answer: Answer) => void) => (chunk: Buffer) => void;
  /** Called for each event, with the sequence number of the request that it belongs to. */
  readonly onEvent?: (sequence: string, text: string) => void;
  /** Called when it ended by itself: it knows nothing any more of what it was asked. */
  readonly onDeath?: () => void;
  /** Then it does not keep this process from ending. */
  readonly isBackground?: boolean;
}

interface LauncherProcess {
  /** Sends what `encode` makes of a fresh sequence number; resolves with the answer's text. */
  ask(encode: (sequence: string) => Buffer | string): Promise<string>;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Keeps a launcher running. It is started at once, while this process is small, and again should it
 * ever die: containers hang on their supervisors, not on it.
 */
export function createLauncherProcess(program: LauncherProgram, log: Logger): LauncherProcess {
  const pending = new Map<string, Pending>();
  let sequence = 0;
  let isClosed = false;
  let child: ChildProcess | undefined = start();

  function start(): ChildProcess {
    const started = spawn(program.command, program.args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
    });
    const died = (reason: string): void => {
      if (child === started) child = undefined;
      if (!isClosed) log.error('launcher ended', { reason });
      for (const { reject } of pending.values()) reject(new Error(`Launcher ended: ${reason}`));
      pending.clear();
      if (!isClosed) program.onDeath?.();
    };
    started.once('error', (error) => died(error.message));
    started.once('exit', (code, signal) => died(signal ?? `status ${code}`));
    // A write to a dead launcher fails here; its exit rejects whoever waits.
    started.stdin?.on('error', () => {});
    started.stdout?.on('data', program.createReader(answered));
    if (program.isBackground) letGo(started);
    return started;
  }

  function answered({ kind, sequence: number, text }: Answer): void {
    if (kind === 'event') return program.onEvent?.(number, text);
    const waiter = pending.get(number);
    pending.delete(number);
    if (kind === 'ok') waiter?.resolve(text);
    else waiter?.reject(new Error(text));
  }

  return {
    async ask(encode) {
      if (isClosed) throw new Error('Launcher is closed');
      const number = String(++sequence);
      const bytes = encode(number);
      return new Promise((resolve, reject) => {
        pending.set(number, { resolve, reject });
        child ??= start();
        child.stdin?.write(bytes);
      });
    },
    async close() {
      isClosed = true;
      if (!child) return;
      const exited = once(child, 'exit');
      child.stdin?.end();
      await exited;
    },
  };
}

function letGo(child: ChildProcess): void {
  child.unref();
  // Pipes of a child are sockets.
  for (const stream of [child.stdin, child.stdout]) (stream as Socket | null)?.unref();
}

/** `<pid> <supervisor's pid>`, as both kinds of launcher answer a fork. */
export function parseForked(text: string): { pid: number; supervisor: number } {
  const [pid = 0, supervisor = 0] = text.split(' ').map(Number);
  return { pid, supervisor };
}
