import type { KindName } from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { percentileOf } from './homes/latency.ts';
import type { MethodStatistics } from './homes/statistics.ts';
import type { LoadedModule, Made } from './instances.ts';
import { isBuiltin, type Shop } from './manager.ts';
import type { Shadow } from './shadow/shadow.ts';

/** One entry of `/modules`. */
interface ModuleView {
  readonly name: string;
  readonly kind: KindName;
  readonly module: string;
  /** The Mesita it was written for, where it says so. */
  readonly version: string | null;
  readonly api_version: number | null;
  readonly library: string | null;
  readonly origin: 'builtin' | 'file' | 'package';
  /** SHA-256 of the library's file when it was loaded. */
  readonly hash: string | null;
  readonly home: string;
  /** `loaded`: nobody asked for an instance. `skipped`: this host is none for it. */
  readonly state: 'loaded' | 'skipped' | 'starting' | 'running' | 'resting' | 'stopped';
  readonly last_error: string | null;
  readonly calls: number;
  readonly failures: number;
  readonly timeouts: number;
  readonly restarts: number;
  readonly reloads: number;
  readonly p50_us: number | null;
  readonly p99_us: number | null;
  readonly methods: Readonly<Record<string, MethodView>>;
  /** The instance beside which it runs without effect. */
  readonly shadow_of: string | null;
}

interface MethodView {
  readonly calls: number;
  readonly failures: number;
  readonly timeouts: number;
  readonly nonsense: number;
  readonly refused: number;
  readonly pending: number;
  readonly breaker: 'open' | 'closed';
  readonly p50_us: number | null;
  readonly p99_us: number | null;
}

/** Every instance, then what is loaded and has none, then the built-ins in use. */
export function listModules({ made, loaded, builtins }: Shop): ModuleView[] {
  const used = new Set(made.map(({ order }) => order?.loaded.name));
  return [
    ...made.map(describeMade),
    ...[...loaded.values()].filter(({ name }) => !used.has(name)).map(describeLoaded),
    ...builtins.map(({ kind, name }) => ({ ...idle, ...builtinPart(kind, name) })),
  ];
}

/** What only one of them shows. Undefined when nothing is called so. */
export function inspectModule(shop: Shop, name: string): object | undefined {
  const view = listModules(shop).find((one) => one.name === name);
  if (!view) return undefined;
  const one = shop.made.find(({ held }) => held.name === name);
  const loaded = one ? one.held.version.loaded : shop.loaded.get(name);
  if (!loaded) return view;
  const { module, entry } = loaded;
  const { limits, onFailure } = entry;
  return {
    ...view,
    description: module.description ?? null,
    author: module.author ?? null,
    parameters: redactParameters(loaded, one?.order?.parameters ?? entry.parameters),
    limits: {
      memory_bytes: limits.memoryBytes ?? null,
      deadline_ms: limits.deadlineMs ?? null,
      create_ms: limits.createMs ?? null,
    },
    on_failure: onFailure ?? null,
    ...(one?.shadow && { shadow: describeShadow(one.shadow) }),
  };
}

/** Values of secret parameters never leave the daemon. */
export function redactParameters(
  { module }: Pick<LoadedModule, 'module'>,
  parameters: readonly Parameter[],
): Parameter[] {
  return parameters.map(({ key, value }) => ({
    key,
    value: module.parameters[key]?.type === 'secret' ? '<redacted>' : value,
  }));
}

function describeShadow({ of, tally }: Shadow) {
  const { equal, different, differences } = tally;
  return { of, equal, different, differences };
}

const idle = {
  state: 'running',
  last_error: null,
  ...{ calls: 0, failures: 0, timeouts: 0, restarts: 0, reloads: 0 },
  ...{ p50_us: null, p99_us: null, methods: {}, shadow_of: null },
} as const;

function builtinPart(kind: KindName, name: string) {
  return {
    ...{ name, kind, module: name, version: null, api_version: null, library: null },
    ...({ origin: 'builtin', hash: null, home: 'daemon' } as const),
  };
}

function loadedPart({ name, module, entry, library }: LoadedModule) {
  const { mesitaVersion = null, apiVersion, kind } = module;
  return {
    ...{ name, kind, module: module.name, version: mesitaVersion, api_version: apiVersion },
    library: library.path,
    origin: originOf(library),
    hash: library.hash || null,
    home: entry.home,
  };
}

function originOf(library: LoadedModule['library']): ModuleView['origin'] {
  if (isBuiltin(library)) return 'builtin';
  return library.path.includes('/node_modules/') ? 'package' : 'file';
}

function describeLoaded(loaded: LoadedModule): ModuleView {
  const { skipped } = loaded;
  return {
    ...loadedPart(loaded),
    ...idle,
    state: skipped === undefined ? 'loaded' : 'skipped',
    last_error: skipped ?? null,
  };
}

function describeMade({ held, shadow }: Made): ModuleView {
  const { version, kind, name, reloads } = held;
  const { housed, loaded } = version;
  const figures = held.metrics();
  const figure = (metric: string) => figures.get(metric) ?? 0;
  const methods = [...housed.statistics];
  return {
    ...(loaded ? loadedPart(loaded) : builtinPart(kind, name)),
    name,
    state: housed.state,
    last_error: housed.lastError ?? null,
    ...{ calls: figure('calls'), failures: figure('failures'), timeouts: figure('timeouts') },
    ...{ restarts: figure('restarts'), reloads },
    ...percentiles(methods.map(([, statistics]) => statistics)),
    shadow_of: shadow?.of ?? null,
    methods: Object.fromEntries(
      methods.map(([method, statistics]) => [method, describeMethod(statistics)]),
    ),
  };
}

function describeMethod(statistics: MethodStatistics): MethodView {
  const { calls, failures, timeouts, nonsense, refused, pending, isOpen } = statistics;
  return {
    ...{ calls, failures, timeouts, nonsense, refused, pending },
    breaker: isOpen ? 'open' : 'closed',
    ...percentiles([statistics]),
  };
}

function percentiles(all: readonly MethodStatistics[]) {
  const latencies = all.map(({ latency }) => latency);
  const inMicroseconds = (percent: number) => {
    const durationMs = percentileOf(latencies, percent);
    return durationMs === undefined ? null : Math.round(durationMs * 1e6) / 1e3;
  };
  return { p50_us: inMicroseconds(50), p99_us: inMicroseconds(99) };
}
