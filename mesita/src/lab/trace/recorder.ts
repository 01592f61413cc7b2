import type { FrameworkId } from '@mesita/sdk/base';
import type {
  Allocator,
  AllocatorCallbacks,
  AllocatorContext,
  OfferableResources,
} from '@mesita/sdk/module';
import { CALLS, writeArguments } from './calls.ts';
import { TRACE_NAME, TRACE_VERSION, writeOptions } from './format.ts';
import { type ResourcesJson, writeResources } from './resources.ts';

interface RecorderOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes one line of JSON, without its end. Must not throw. */
  readonly write: (line: string) => void;
  /** The daemon's own measuring goes on. */
  readonly startTimer?: AllocatorContext['startTimer'];
}

interface Recorder {
  /** For the allocator's context: runs end where it says. */
  readonly startTimer: NonNullable<AllocatorContext['startTimer']>;
  /** The same allocator, with every call and every run written down. */
  record(allocator: Allocator): Allocator;
}

export function createRecorder({ now, write, startTimer }: RecorderOptions): Recorder {
  let started = 0;
  let run: RunRecord | undefined;
  const line = (content: object) =>
    write(JSON.stringify({ t: round(now() - started), ...content }));

  function endRun(tookMs?: number): void {
    const ended = run;
    run = undefined;
    line({ run: { ...(tookMs !== undefined && { took_ms: round(tookMs) }), ...ended } });
  }

  /** Within a run it is noted; an allocator that measures nothing has a run for each offer. */
  function note(into: (run: RunRecord) => void): void {
    const isMeasured = run !== undefined;
    run ??= {};
    into(run);
    if (!isMeasured) endRun();
  }

  const recordCallbacks = (callbacks: AllocatorCallbacks): AllocatorCallbacks => ({
    offer(framework, resources) {
      note((record) => {
        record.offers = { ...record.offers, [framework]: writeOffers(resources) };
      });
      callbacks.offer(framework, resources);
    },
    inverseOffer(framework, agents) {
      note((record) => {
        record.inverse_offers = { ...record.inverse_offers, [framework]: [...agents.keys()] };
      });
      callbacks.inverseOffer(framework, agents);
    },
  });

  return {
    startTimer(name) {
      const stop = startTimer?.(name);
      if (name !== 'allocation_run') return stop ?? (() => undefined);
      const begun = now();
      run = {};
      return () => {
        stop?.();
        endRun(now() - begun);
      };
    },
    record(allocator) {
      return {
        ...recordedCalls(allocator, (method, args) =>
          line({ call: method, arguments: writeArguments(method, args) }),
        ),
        ...queriesOf(allocator),
        initialize(options, callbacks) {
          started = now();
          const header = {
            trace: TRACE_NAME,
            version: TRACE_VERSION,
            started: new Date(started).toISOString(),
            options: writeOptions(options),
          };
          write(JSON.stringify(header));
          allocator.initialize(options, recordCallbacks(callbacks));
        },
      };
    },
  };
}

interface RunRecord {
  offers?: Record<FrameworkId, Record<string, Record<string, ResourcesJson>>>;
  inverse_offers?: Record<FrameworkId, readonly string[]>;
}

type Calls = Omit<Allocator, 'initialize' | 'inverseOfferStatuses' | 'metrics' | 'explain'>;

function recordedCalls(
  allocator: Allocator,
  note: (method: string, args: readonly unknown[]) => void,
): Calls {
  const calls: Record<string, unknown> = {};
  const own = allocator as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  for (const method of CALLS.keys()) {
    calls[method] = (...args: readonly unknown[]) => {
      note(method, args);
      return own[method]?.(...args);
    };
  }
  return calls as unknown as Calls;
}

/** Queries change nothing and are not recorded. */
function queriesOf(
  allocator: Allocator,
): Pick<Allocator, 'inverseOfferStatuses' | 'metrics' | 'explain'> {
  const { metrics, explain } = allocator;
  return {
    inverseOfferStatuses: () => allocator.inverseOfferStatuses(),
    ...(metrics && { metrics: () => metrics.call(allocator) }),
    ...(explain && { explain: (...args) => explain.apply(allocator, args) }),
  };
}

function writeOffers(resources: OfferableResources): Record<string, Record<string, ResourcesJson>> {
  return Object.fromEntries(
    [...resources].map(([role, agents]) => [
      role,
      Object.fromEntries(
        [...agents].map(([agent, each]) => [agent, writeResources(each.unallocate())]),
      ),
    ]),
  );
}

/** To microseconds. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
