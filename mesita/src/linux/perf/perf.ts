import type { Clock, Logger } from '@mesita/sdk/base';
import { createNativeForker } from '../launcher/native-forker.ts';
import { readOutput } from '../launcher/run-to-end.ts';
import { type PerfCount, parseCounts } from './counts.ts';

/** The system's `perf`. Whatever it is asked ends in time, one question after the other. */
export interface Perf {
  /** Rejects where there is none. */
  version(): Promise<string>;
  /** Rejects where it does not know one of them. */
  tryEvents(events: readonly string[]): Promise<void>;
  /** What happens in groups, named from where they are mounted, from now on for so long. */
  count(
    events: readonly string[],
    groups: readonly string[],
    durationMs: number,
  ): Promise<PerfCount[]>;
  close(): Promise<void>;
}

interface PerfOptions {
  /** The compiled launcher. */
  readonly launcher: string;
  /** Of its own, there only while it runs. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a busy machine may take on top. A thousand groups with three events each take a second. */
const allowanceMs = 30_000;

/** A launcher is started at once, while this process is small: it forks what runs later. */
export function createPerf({ launcher, directory, clock, log }: PerfOptions): Perf {
  const forker = createNativeForker(launcher, log, { isBackground: true });
  const ending = new AbortController();

  async function run(args: readonly string[], durationMs = 0): Promise<string> {
    const timeoutMs = durationMs + allowanceMs;
    const abort = new AbortController();
    const end = (): void => abort.abort(ending.signal.reason);
    ending.signal.addEventListener('abort', end, { once: true });
    const timer = clock.setTimer(timeoutMs, () =>
      abort.abort(new Error(`perf did not end within ${timeoutMs} ms`)),
    );
    try {
      return await readOutput(forker, directory, ['perf', ...args], abort.signal);
    } finally {
      timer.cancel();
      ending.signal.removeEventListener('abort', end);
    }
  }

  return {
    version: () => run(['--version']),
    async tryEvents(events) {
      await run(['stat', ...events.flatMap((event) => ['--event', event]), 'true']);
    },
    async count(events, groups, durationMs) {
      const pairs = groups.flatMap((group) =>
        events.flatMap((event) => ['--event', event, '--cgroup', group]),
      );
      const output = ['--all-cpus', '--field-separator', ',', '--log-fd', '1'];
      const sleep = ['--', 'sleep', String(durationMs / 1000)];
      return parseCounts(await run(['stat', ...output, ...pairs, ...sleep], durationMs));
    },
    async close() {
      ending.abort(new Error('The agent ends'));
      await forker.close();
    },
  };
}
