import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { parseDuration } from '@mesita/sdk/base';
import type { HttpProcess, HttpRequest, HttpResponse, Realm, Route } from './http.ts';
import { json } from './jsonp.ts';
import type { Metrics } from './metrics.ts';
import type { GuardedOptions } from './processes.ts';
import { failure } from './responses.ts';

/** `/metrics/snapshot` as Mesos serves it, and `/metrics` for Prometheus. */
export function createMetricsProcess(
  metrics: Metrics,
  { realm, guard }: GuardedOptions = {},
): HttpProcess {
  const guarded =
    (answer: (request: HttpRequest) => Promise<HttpResponse>): Route['handler'] =>
    async (request) =>
      (await guard?.(request)) ?? answer(request);
  return {
    id: 'metrics',
    routes: [
      {
        path: '/snapshot',
        help: 'Shows all metrics as one JSON object; waits for slow ones at most for `timeout`',
        handler: guarded((request) => snapshot(metrics, request)),
        ...withRealm(realm),
      },
      {
        path: '/',
        help: 'Shows all metrics in the text format of Prometheus',
        handler: async (request) =>
          (await guard?.({ ...request, path: '/metrics/snapshot' })) ?? exposition(metrics),
        ...withRealm(realm),
      },
    ],
  };
}

function withRealm(realm: Realm | undefined): { readonly realm?: Realm } {
  return realm === undefined ? {} : { realm };
}

async function snapshot(metrics: Metrics, request: HttpRequest): Promise<HttpResponse> {
  const text = request.query.get('timeout');
  const timeout = text === undefined ? undefined : parseDuration(text);
  if (timeout && !timeout.ok) {
    return failure(400, `Invalid timeout '${text}': ${timeout.error}.\n`);
  }
  const values = await metrics.snapshot(timeout?.value);
  return json(request, JSON.stringify(Object.fromEntries(values)));
}

/** The slowest gauge may not hold up a scrape for longer. */
const SCRAPE_TIMEOUT_MS = 5000;

async function exposition(metrics: Metrics): Promise<HttpResponse> {
  const values = await metrics.snapshot(SCRAPE_TIMEOUT_MS);
  const lines: string[] = [];
  for (const [name, value] of values) {
    const prometheusName = `mesos_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`;
    const type = metrics.kindOf(name) === 'counter' ? 'counter' : 'gauge';
    lines.push(`# TYPE ${prometheusName} ${type}`, `${prometheusName} ${value}`);
  }
  const own = await readRuntimeMetrics();
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: `${lines.join('\n')}\n${own}`,
  };
}

let runtime: Promise<{ metrics(): Promise<string> }> | undefined;

/** Memory, garbage collection and delay of the loop. Loaded when first asked for. */
async function readRuntimeMetrics(): Promise<string> {
  runtime ??= import('prom-client').then(({ collectDefaultMetrics, Registry }) => {
    const register = new Registry();
    collectDefaultMetrics({ register });
    return register;
  });
  return (await runtime).metrics();
}

/** The metrics of the machine that both daemons show. */
export function declareSystemMetrics(metrics: Metrics): void {
  metrics.gauge('system/cpus_total', () => cpus().length);
  metrics.gauge('system/load_1min', () => loadavg()[0]!);
  metrics.gauge('system/load_5min', () => loadavg()[1]!);
  metrics.gauge('system/load_15min', () => loadavg()[2]!);
  metrics.gauge('system/mem_free_bytes', () => freemem());
  metrics.gauge('system/mem_total_bytes', () => totalmem());
}
