import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from '@mesita/sdk/base';
import type { Forked, Forker, ForkSpec } from './forker.ts';
import { type Answer, createAnswerReader, encodeFrame, forkFields } from './frames.ts';

interface Pending {
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Speaks with the compiled launcher. It is started at once, while this process is small, and again
 * should it ever die: containers hang on their supervisors, not on it.
 */
export function createNativeForker(program: string, log: Logger): Forker {
  const pending = new Map<string, Pending>();
  let sequence = 0;
  let closed = false;
  let child: ChildProcess | undefined = start();

  function start(): ChildProcess {
    const started = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
    const died = (reason: string): void => {
      if (child === started) child = undefined;
      if (!closed) log.error('launcher ended', { reason });
      for (const { reject } of pending.values()) reject(new Error(`Launcher ended: ${reason}`));
      pending.clear();
    };
    started.once('error', (error) => died(error.message));
    started.once('exit', (code, signal) => died(signal ?? `status ${code}`));
    // A write to a dead launcher fails here; its exit rejects whoever waits.
    started.stdin?.on('error', () => {});
    started.stdout?.on('data', createAnswerReader(answered));
    return started;
  }

  function answered({ kind, sequence: number, text }: Answer): void {
    const waiter = pending.get(number);
    pending.delete(number);
    if (kind === 'ok') waiter?.resolve(text);
    else waiter?.reject(new Error(text));
  }

  function ask(verb: string, fields: readonly string[]): Promise<string> {
    if (closed) return Promise.reject(new Error('Launcher is closed'));
    const number = String(++sequence);
    return new Promise((resolve, reject) => {
      const frame = encodeFrame([verb, number, ...fields]);
      pending.set(number, { resolve, reject });
      child ??= start();
      child.stdin?.write(frame);
    });
  }

  return {
    async fork(spec: ForkSpec): Promise<Forked> {
      const text = await ask('fork', forkFields(spec));
      const [pid = 0, supervisor = 0] = text.split(' ').map(Number);
      return { pid, supervisor };
    },
    async release(forked): Promise<void> {
      await ask('go', [String(forked.pid)]);
    },
    async close(): Promise<void> {
      closed = true;
      const ending = child;
      if (!ending || ending.exitCode !== null) return;
      ending.stdin?.end();
      await once(ending, 'exit');
    },
  };
}
