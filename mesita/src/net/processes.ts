// The small processes that every libprocess daemon has.
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { type Clock, parseDuration, type Timer } from '@mesita/sdk/base';
import type {
  EndpointGuard,
  HttpProcess,
  HttpRequest,
  HttpResponse,
  Realm,
  Route,
} from './http.ts';
import { json } from './jsonp.ts';
import { empty, failure, text } from './responses.ts';

export interface BuildInfo {
  readonly version: string;
  readonly build_date: string;
  /** Seconds since 1970. */
  readonly build_time: number;
  readonly build_user: string;
  readonly git_sha?: string;
  readonly git_branch?: string;
  readonly git_tag?: string;
}

/** `/version`. */
export function createVersionProcess(build: BuildInfo): HttpProcess {
  const handler = (request: HttpRequest) => json(request, JSON.stringify(build));
  return { id: 'version', routes: [{ path: '/', help: 'Shows the version', handler }] };
}

/** `/system/stats.json`. */
export function createSystemProcess(): HttpProcess {
  const handler = (request: HttpRequest) => {
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    const stats = {
      avg_load_15min: fifteen,
      avg_load_1min: one,
      avg_load_5min: five,
      cpus_total: cpus().length,
      mem_free_bytes: freemem(),
      mem_total_bytes: totalmem(),
    };
    return json(request, JSON.stringify(stats));
  };
  return {
    id: 'system',
    routes: [{ path: '/stats.json', help: 'Shows load and memory of the machine', handler }],
  };
}

/** Verbosity of the log: 0 is usual, larger is more. */
export interface LogLevel {
  get(): number;
  set(level: number): void;
}

export interface LogLevelControl {
  readonly level: number;
  /** Text of the refusal, or undefined when done. The start level returns after `durationMs`. */
  raise(level: number, durationMs: number): string | undefined;
}

/** One for a daemon: `/logging/toggle` and SET_LOGGING_LEVEL share it. */
export function createLogLevelControl(target: LogLevel, clock: Clock): LogLevelControl {
  const original = target.get();
  let revert: Timer | undefined;
  return {
    get level() {
      return target.get();
    },
    raise(level, durationMs) {
      if (level < 0) return `Invalid level '${level}'`;
      if (level < original) return `'${level}' < original level`;
      revert?.cancel();
      target.set(level);
      if (level !== original) revert = clock.setTimer(durationMs, () => target.set(original));
      return undefined;
    },
  };
}

export interface GuardedOptions {
  readonly realm?: Realm;
  readonly guard?: EndpointGuard;
}

/** `/logging/toggle`. */
export function createLoggingProcess(
  control: LogLevelControl,
  { realm, guard }: GuardedOptions = {},
): HttpProcess {
  const toggle = ({ query }: HttpRequest): HttpResponse => {
    const level = query.get('level');
    const duration = query.get('duration');
    if (level === undefined && duration === undefined) return text(`${control.level}\n`);
    if (duration === undefined) return refuse("Expecting 'duration=value' in query");
    if (level === undefined) return refuse("Expecting 'level=value' in query");
    if (!/^[+-]?\d+$/.test(level)) return refuse(`Failed to convert '${level}' to number`);
    if (Number(level) < 0) return refuse(`Invalid level '${Number(level)}'`);
    const parsed = parseDuration(duration);
    if (!parsed.ok) return refuse(parsed.error);
    const refusal = control.raise(Number(level), parsed.value);
    return refusal === undefined ? empty(200) : refuse(refusal);
  };
  const route: Route = {
    path: '/toggle',
    help: 'Shows the verbosity of the log, or raises it for a while',
    handler: async (request) => (await guard?.(request)) ?? toggle(request),
    ...(realm === undefined ? {} : { realm }),
  };
  return { id: 'logging', routes: [route] };
}

function refuse(sentence: string): HttpResponse {
  return failure(400, `${sentence}.\n`);
}

/** `/profiler/*`: refused, as by a Mesos built without perftools. Node has profilers of its own. */
export function createProfilerProcess(realm?: Realm): HttpProcess {
  const handler = () =>
    failure(
      400,
      'Perftools is disabled. To enable perftools, configure libprocess with --enable-perftools.\n',
    );
  const route = (path: string): Route => ({
    path,
    handler,
    ...(realm === undefined ? {} : { realm }),
  });
  return { id: 'profiler', routes: [route('/start'), route('/stop')] };
}

/** `/__processes__`. Ours have no queues of their own. */
export function createProcessListProcess(
  processes: () => Iterable<Pick<HttpProcess, 'id'>>,
): HttpProcess {
  const handler = () => {
    const list = Array.from(processes(), ({ id }) => ({ events: [], id }));
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(list),
    };
  };
  return { id: '__processes__', routes: [{ path: '/', handler }] };
}
