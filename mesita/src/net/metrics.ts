import type { Clock } from '@mesita/sdk/base';
import { createTimeSeries } from './statistics.ts';

interface Counter {
  readonly value: number;
  increment(by?: number): void;
}

interface PushGauge {
  readonly value: number;
  set(value: number): void;
  add(by: number): void;
}

interface TimerMetric {
  record(durationMs: number): void;
  /** Starts a measurement; the function it gives ends it. */
  start(): () => void;
}

type MetricKind = 'counter' | 'gauge' | 'timer';

/**
 * What a daemon counts, under Mesos' names: `master/tasks_running`. Declaring a name twice is a
 * bug; `remove` first where things come and go.
 */
export interface Metrics {
  counter(name: string): Counter;
  /** `read` is called for each snapshot. What fails, or is late, is left out of it. */
  gauge(name: string, read: () => number | Promise<number>): void;
  pushGauge(name: string, initial?: number): PushGauge;
  /** Milliseconds under `<name>_ms`, with the history of `windowMs` as `/count`, `/max`, `/p50`… */
  timer(name: string, windowMs?: number): TimerMetric;
  /**
   * Names that come and go with what they count: `read` gives all of them, for each snapshot. A
   * name declared by itself wins.
   */
  source(read: () => ReadonlyMap<string, number>): void;
  remove(name: string): void;
  kindOf(name: string): MetricKind | undefined;
  /** Names in order. With `timeoutMs` a gauge that is not ready by then is left out. */
  snapshot(timeoutMs?: number): Promise<ReadonlyMap<string, number>>;
}

interface Entry {
  readonly kind: MetricKind;
  readonly read: () => number | undefined | Promise<number | undefined>;
  readonly summarize?: () => ReadonlyMap<string, number> | undefined;
}

type Source = () => ReadonlyMap<string, number>;

const HOUR_MS = 3_600_000;

export function createMetrics(clock: Clock): Metrics {
  const entries = new Map<string, Entry>();
  const sources: Source[] = [];

  function declare(name: string, entry: Entry): void {
    if (entries.has(name)) throw new Error(`metric '${name}' is declared twice`);
    entries.set(name, entry);
  }

  return {
    counter(name) {
      const counter = createCounter();
      declare(name, { kind: 'counter', read: () => counter.value });
      return counter;
    },
    gauge(name, read) {
      declare(name, { kind: 'gauge', read });
    },
    pushGauge(name, initial = 0) {
      const gauge = createPushGauge(initial);
      declare(name, { kind: 'gauge', read: () => gauge.value });
      return gauge;
    },
    timer(name, windowMs = HOUR_MS) {
      const series = createTimeSeries(windowMs);
      let last: number | undefined;
      declare(`${name}_ms`, {
        kind: 'timer',
        read: () => last,
        summarize: () => series.summarize(clock.now()),
      });
      const record = (durationMs: number) => {
        last = durationMs;
        series.add(clock.now(), durationMs);
      };
      return {
        record,
        start() {
          const began = performance.now();
          return () => record(performance.now() - began);
        },
      };
    },
    source(read) {
      sources.push(read);
    },
    remove(name) {
      entries.delete(name) || entries.delete(`${name}_ms`);
    },
    kindOf: (name) => entries.get(name)?.kind,
    snapshot: (timeoutMs) => takeSnapshot(entries, sources, timeoutMs, clock),
  };
}

function createCounter(): Counter {
  let value = 0;
  return {
    get value() {
      return value;
    },
    increment(by = 1) {
      value += by;
    },
  };
}

function createPushGauge(initial: number): PushGauge {
  let value = initial;
  return {
    get value() {
      return value;
    },
    set(next) {
      value = next;
    },
    add(by) {
      value += by;
    },
  };
}

async function takeSnapshot(
  entries: ReadonlyMap<string, Entry>,
  sources: readonly Source[],
  timeoutMs: number | undefined,
  clock: Clock,
): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  let isOver = false;
  const put = (name: string, value: number | undefined) => {
    if (!isOver && value !== undefined && Number.isFinite(value)) values.set(name, value);
  };
  for (const read of sources) for (const [name, value] of read()) put(name, value);
  const pending: Promise<void>[] = [];
  for (const [name, { read, summarize }] of entries) {
    try {
      const value = read();
      if (typeof value !== 'object') put(name, value);
      else {
        pending.push(
          value.then(
            (later) => put(name, later),
            () => undefined,
          ),
        );
      }
      for (const [suffix, number] of summarize?.() ?? []) put(`${name}/${suffix}`, number);
    } catch {
      // A gauge that fails says nothing; the others go on.
    }
  }
  if (pending.length > 0) await waitFor(Promise.all(pending), timeoutMs, clock);
  isOver = true;
  return new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function waitFor(
  all: Promise<unknown>,
  timeoutMs: number | undefined,
  clock: Clock,
): Promise<void> {
  if (timeoutMs === undefined) {
    await all;
    return;
  }
  await new Promise<void>((resolve) => {
    const timer = clock.setTimer(timeoutMs, resolve);
    void all.then(() => {
      timer.cancel();
      resolve();
    });
  });
}
