import { formatTable } from './table.ts';

interface Figures {
  readonly calls: number;
  readonly failures: number;
  readonly timeouts: number;
  readonly p50_us: number | null;
  readonly p99_us: number | null;
}

/** What `/modules` says of one, as far as people are told. */
export interface ModuleView extends Figures {
  readonly name: string;
  readonly kind: string;
  readonly module: string;
  readonly version: string | null;
  readonly api_version: number | null;
  readonly library: string | null;
  readonly origin: string;
  readonly hash: string | null;
  readonly home: string;
  readonly state: string;
  readonly last_error: string | null;
  readonly restarts: number;
  readonly reloads?: number;
  readonly shadow_of?: string | null;
  readonly methods: Readonly<Record<string, Figures & { readonly breaker?: string }>>;
  readonly description?: string | null;
  readonly parameters?: readonly { readonly key: string; readonly value: string }[];
}

export const moduleHeads = [
  ...['name', 'kind', 'home', 'state', 'calls', 'failed', 'late', 'p50', 'p99', 'origin'],
];

export function moduleRow(view: ModuleView): string[] {
  const { name, kind, home, state, origin } = view;
  return [name, kind, home, state, ...figures(view), origin];
}

function figures({ calls, failures, timeouts, p50_us, p99_us }: Figures): string[] {
  return [String(calls), String(failures), String(timeouts), duration(p50_us), duration(p99_us)];
}

function duration(microseconds: number | null): string {
  if (microseconds === null) return '-';
  if (microseconds < 1) return `${Math.round(microseconds * 1_000)}ns`;
  if (microseconds < 1_000) return `${Number(microseconds.toPrecision(3))}us`;
  return `${Number((microseconds / 1_000).toPrecision(3))}ms`;
}

/** All that is known of one, in lines. */
export function describeModule(view: ModuleView): string[] {
  const { parameters = [], methods } = view;
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['name', view.name],
    ['kind', view.kind],
    ['module', view.module],
    ['description', view.description],
    ['version', view.version],
    ['api version', view.api_version?.toString()],
    ['library', view.library],
    ['hash', view.hash],
    ['home', view.home],
    ['state', view.state],
    ['shadow of', view.shadow_of],
    ['last error', view.last_error],
    ['restarts', String(view.restarts)],
    ['reloads', view.reloads?.toString()],
    ...parameters.map(({ key, value }) => [`parameter ${key}`, value] as const),
  ];
  const known = facts.filter(([, value]) => value !== null && value !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  const lines = known.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const rows = Object.entries(methods)
    .filter(([, { calls }]) => calls > 0)
    .map(([name, method]) => [name, ...figures(method), method.breaker ?? '']);
  if (rows.length === 0) return lines;
  const heads = ['method', 'calls', 'failed', 'late', 'p50', 'p99', 'breaker'];
  return [...lines, '', ...formatTable(heads, rows).split('\n')];
}
