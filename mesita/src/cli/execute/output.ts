import { setTimeout as delay } from 'node:timers/promises';
import { openSandbox, type SandboxOptions } from '../sandbox.ts';
import type { Streams } from './execute.ts';

/** The task's output on its way to ours. */
export interface OutputCopy {
  /** Copies what is left and stops. May be called again. */
  finish(): Promise<void>;
}

const POLL_MS = 200;

/** `refused` is called when the agent does not show it to us; the task goes on all the same. */
export function copyOutput(
  streams: Streams,
  options: SandboxOptions,
  refused: (error: unknown) => void,
): OutputCopy {
  const sandbox = openSandbox(options);
  const pairs = [
    { tail: sandbox.tail('stdout'), to: streams.stdout },
    { tail: sandbox.tail('stderr'), to: streams.stderr },
  ];
  const copy = async () => {
    for (const { tail, to } of pairs) {
      const data = await tail.read();
      if (data.length > 0) to.write(data);
    }
  };
  const stopping = new AbortController();
  const copyAll = async () => {
    for (;;) {
      const isLast = stopping.signal.aborted;
      await copy();
      if (isLast) return;
      await delay(POLL_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const copied = copyAll()
    .catch(refused)
    .finally(() => sandbox.close());
  return {
    finish() {
      stopping.abort();
      return copied;
    },
  };
}
