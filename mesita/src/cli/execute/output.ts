import { setTimeout as delay } from 'node:timers/promises';
import { openSandbox, type SandboxOptions } from '../sandbox.ts';
import type { Streams } from './execute.ts';

/** The task's output on its way to ours. */
export interface OutputCopy {
  /** Copies what is left and stops. May be called again. */
  finish(): Promise<void>;
}

const POLL_MS = 200;

export function copyOutput(streams: Streams, options: SandboxOptions): OutputCopy {
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
  const copying = (async () => {
    while (!stopping.signal.aborted) {
      await copy();
      await delay(POLL_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  let finished: Promise<void> | undefined;
  return {
    finish() {
      stopping.abort();
      finished ??= copying.then(copy).then(() => sandbox.close());
      return finished;
    },
  };
}
