import type { Clock } from '@mesita/sdk/base';
import type { KindName } from '@mesita/sdk/module';
import { type Call, calls } from '@mesita/sdk/module/calls';
import type { OwnContext } from './contexts.ts';
import { type Behind, createFacade, type Instance } from './facade.ts';
import type { Housed } from './homes/home.ts';
import type { ListenedMemory } from './homes/memory.ts';
import type { LoadedModule } from './instances.ts';

/** An instance, and the version of its module that it is of. */
export interface Version {
  /** Undefined: it is built in. */
  readonly loaded: LoadedModule | undefined;
  readonly housed: Housed;
  readonly own: OwnContext;
}

/** Sees each call before it is made, and makes it. */
export type Tap = (
  method: string,
  call: Call,
  args: readonly unknown[],
  next: (args: readonly unknown[]) => unknown,
) => unknown;

type Listener = (method: string, value: unknown) => void;

/** What the daemon holds, for as long as it lives: versions of its module come and go behind it. */
export interface Held {
  /** Of the instance; unique. */
  readonly name: string;
  readonly kind: KindName;
  readonly memory: ListenedMemory;
  /** For whoever asked for the instance. */
  readonly instance: Instance;
  readonly version: Version;
  readonly reloads: number;
  /** Figures of this version and of those before. */
  metrics(): ReadonlyMap<string, number>;
  /** Rejects, and keeps what is there, when the next version cannot take over. */
  replace(next: Version): Promise<void>;
  /** The latest one added is asked first. */
  addTap(tap: Tap): () => void;
  /** Hears the answers of calls that wait, those too that waited before; it must not throw. */
  addListener(listener: Listener): () => void;
  /** Nothing stands behind the facade any more: no method is there. */
  empty(): Promise<void>;
}

interface HeldOptions {
  readonly name: string;
  readonly kind: KindName;
  readonly memory: ListenedMemory;
  readonly clock: Clock;
  readonly version: Version;
}

interface Place {
  version: Version;
  replaced: AbortController;
  /** Calls that wait until the next version has taken over. */
  waiting: (() => void)[] | undefined;
  behind: Behind;
  readonly taps: Tap[];
  readonly listeners: Set<Listener>;
  /** Sums of versions that are gone. */
  readonly past: Map<string, number>;
  reloads: number;
}

const nothing: Behind = { instance: {}, replaced: AbortSignal.abort() };

export function hold({ name, kind, memory, clock, version }: HeldOptions): Held {
  const place: Place = {
    ...{ version, replaced: new AbortController(), waiting: undefined, behind: nothing },
    ...{ taps: [], listeners: new Set(), past: new Map(), reloads: 0 },
  };
  refresh(place);
  version.own.publish();
  return {
    ...{ name, kind, memory },
    instance: createFacade(kind, () => place.behind),
    get version() {
      return place.version;
    },
    get reloads() {
      return place.reloads;
    },
    metrics: () => addSums(place.version.housed.metrics(), place.past),
    replace: (next) => replace(place, next, memory, clock),
    addTap(tap) {
      place.taps.push(tap);
      refresh(place);
      return () => {
        place.taps.splice(place.taps.indexOf(tap), 1);
        refresh(place);
      };
    },
    addListener(listener) {
      place.listeners.add(listener);
      return () => void place.listeners.delete(listener);
    },
    async empty() {
      place.behind = nothing;
      place.replaced.abort();
      await retire(place.version, clock);
    },
  };
}

function refresh(place: Place): void {
  const { version, replaced, waiting, taps } = place;
  const instance = version.housed.instance as unknown as Instance;
  const direct = (method: string) => (args: readonly unknown[]) =>
    (instance[method] as (...args: readonly unknown[]) => unknown)(...args);
  const tap: Behind['tap'] = (method, call, args) =>
    taps.reduce<(args: readonly unknown[]) => unknown>(
      (next, one) => (given) => one(method, call, given, next),
      direct(method),
    )(args);
  place.behind = {
    ...{ instance, replaced: replaced.signal, tap: taps.length > 0 ? tap : undefined },
    gate: waiting && ((act) => void waiting.push(act)),
    answered(method, value) {
      for (const listener of place.listeners) listener(method, value);
    },
  };
}

/** Between two calls. Where there is something to hand over, calls wait for that long. */
async function replace(
  place: Place,
  next: Version,
  memory: ListenedMemory,
  clock: Clock,
): Promise<void> {
  const before = place.version;
  const { exportState } = before.housed;
  const { importState, recall } = next.housed;
  const isStateful = memory.replay().length > 0;
  if (isStateful || (exportState && importState)) {
    place.waiting = [];
    before.housed.valve.hold();
    next.housed.valve.hold();
    refresh(place);
  }
  try {
    if (exportState && importState) await importState(await exportState());
    if (isStateful) await recall();
    keepSums(place.past, before.housed.metrics());
    before.housed.valve.shut();
    const { replaced } = place;
    Object.assign(place, { version: next, replaced: new AbortController() });
    place.reloads++;
    next.own.publish();
    replaced.abort();
  } finally {
    const waiting = place.waiting ?? [];
    place.waiting = undefined;
    refresh(place);
    place.version.housed.valve.open();
    for (const act of waiting) act();
  }
  void retire(before, clock);
}

const POLL_MS = 20;
/** Longer than any deadline: then what is still asked is given up. */
const RETIRE_MS = 120_000;

/** Ends a version once nobody waits for it any more. */
export async function retire({ housed, own }: Version, clock: Clock): Promise<void> {
  const until = clock.now() + RETIRE_MS;
  while (isAsked(housed) && clock.now() < until) {
    await new Promise<void>((resolve) => void clock.setTimer(POLL_MS, resolve));
  }
  own.end();
  await housed.stop();
}

/** Waits are asked again of the next version: they end with this one. */
function isAsked({ statistics, kind }: Housed): boolean {
  return [...statistics].some(
    ([method, { pending }]) => calls[kind].methods[method]?.sort !== 'wait' && pending > 0,
  );
}

const summed = ['calls', 'failures', 'timeouts', 'nonsense', 'refused', 'restarts'] as const;

function keepSums(past: Map<string, number>, last: ReadonlyMap<string, number>): void {
  for (const name of summed) past.set(name, (past.get(name) ?? 0) + (last.get(name) ?? 0));
}

function addSums(
  now: ReadonlyMap<string, number>,
  past: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const all = new Map(now);
  for (const [name, value] of past) all.set(name, (all.get(name) ?? 0) + value);
  return all;
}
