import { formatDuration, type Logger } from '@mesita/sdk/base';
import type { IsolatorContext } from '@mesita/sdk/module';
import type { PerfStatistics } from '@mesita/sdk/types';
import type { Perf } from '../../../linux/perf/perf.ts';
import { collectStatistics, fieldOf } from './statistics.ts';

export interface SamplerSettings {
  readonly events: readonly string[];
  readonly perf_duration: number;
  readonly perf_interval: number;
}

/** Throws, in Mesos' words, what makes sampling impossible. */
export async function checkPerf(
  perf: Pick<Perf, 'version' | 'tryEvents'>,
  { events, perf_duration, perf_interval }: SamplerSettings,
  log: Logger,
): Promise<void> {
  await perf.version().catch((cause: Error) => {
    throw new Error(`Perf is not supported: ${cause.message}`, { cause });
  });
  if (perf_duration > perf_interval) {
    const [duration, interval] = [perf_duration, perf_interval].map(formatDuration);
    throw new Error(
      `Sampling perf for duration (${duration}) > interval (${interval}) is not supported.`,
    );
  }
  await perf.tryEvents(events).catch((cause: Error) => {
    throw new Error(`Invalid perf events: { ${events.join(', ')} }: ${cause.message}`, { cause });
  });
  for (const event of events) {
    if (!fieldOf(event)) log.warn('no statistics have a place for this perf event', { event });
  }
}

/**
 * Samples all groups at once, time and again until the agent ends. One sample that fails is told
 * and missed; the next one comes all the same.
 */
export function startSampling(
  { clock, log, signal }: Pick<IsolatorContext, 'clock' | 'log' | 'signal'>,
  perf: Pick<Perf, 'count'>,
  { events, perf_duration: durationMs, perf_interval: intervalMs }: SamplerSettings,
  groups: () => readonly string[],
  receive: (statistics: ReadonlyMap<string, PerfStatistics>) => void,
): void {
  const uncounted = new Set<string>();

  async function sample(startMs: number): Promise<void> {
    const sampled = groups();
    if (sampled.length === 0) return;
    const counts = await perf.count(events, sampled, durationMs);
    for (const { event, value } of counts) {
      if (value !== undefined || uncounted.has(event)) continue;
      uncounted.add(event);
      log.warn('this machine does not count a perf event', { event });
    }
    receive(collectStatistics(counts, { timestamp: startMs / 1000, duration: durationMs / 1000 }));
  }

  /** The interval is from start to start. */
  async function sampleOnAndOn(): Promise<void> {
    const startMs = clock.now();
    await sample(startMs).catch((error: Error) => {
      if (!signal.aborted) log.error('Failed to get the perf sample', { error: error.message });
    });
    if (signal.aborted) return;
    clock.setTimer(Math.max(0, startMs + intervalMs - clock.now()), () => void sampleOnAndOn());
  }

  void sampleOnAndOn();
}
