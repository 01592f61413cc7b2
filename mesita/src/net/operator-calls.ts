// The operator API's calls about the process itself, which master and agent answer alike.
import type { master } from '@mesita/sdk/types';
import type { Authorization } from './authorization.ts';
import { fileFailure, listFiles, readFile } from './file-calls.ts';
import type { Files } from './files.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import type { BuildInfo } from './processes.ts';
import { empty, failure } from './responses.ts';

/** What every daemon's endpoints see of their process. */
export interface DaemonSurface {
  readonly build: BuildInfo;
  readonly authorization: Authorization;
  /** Name → text, of every flag that has a value. */
  readonly flags: ReadonlyMap<string, string>;
  readonly files: Files;
  metrics(timeoutMs: number | undefined): Promise<ReadonlyMap<string, number>>;
  loggingLevel(): number;
  setLoggingLevel(level: number, durationMs: number): void;
}

type Answer = Omit<master.Response, 'type'> | HttpResponse;
type Call = Pick<master.Call, 'getMetrics' | 'setLoggingLevel' | 'listFiles' | 'readFile'>;
type Handler = (
  surface: DaemonSurface,
  call: Call,
  request: HttpRequest,
) => Answer | Promise<Answer>;

/** Call type → its handler. The fields of these calls and answers are equal in both APIs. */
export const operatorCalls = {
  GET_HEALTH: () => ({ getHealth: { healthy: true } }),
  GET_FLAGS: async ({ flags, authorization }, _call, request) => {
    if (!(await authorization.authorized(request, 'VIEW_FLAGS'))) return failure(403);
    return { getFlags: { flags: [...flags].map(([name, value]) => ({ name, value })) } };
  },
  GET_VERSION: ({ build }) => ({
    getVersion: {
      versionInfo: {
        version: build.version,
        buildDate: build.build_date,
        buildTime: build.build_time,
        buildUser: build.build_user,
      },
    },
  }),
  GET_METRICS: async (surface, { getMetrics }) => {
    const ns = getMetrics?.timeout?.nanoseconds;
    const metrics = await surface.metrics(ns === undefined ? undefined : Number(ns) / 1e6);
    return { getMetrics: { metrics: [...metrics].map(([name, value]) => ({ name, value })) } };
  },
  GET_LOGGING_LEVEL: (surface) => ({ getLoggingLevel: { level: surface.loggingLevel() } }),
  SET_LOGGING_LEVEL: async (surface, { setLoggingLevel }, request) => {
    if (!(await surface.authorization.authorized(request, 'SET_LOG_LEVEL'))) return failure(403);
    const { level = 0, duration } = setLoggingLevel ?? {};
    surface.setLoggingLevel(level, Number(duration?.nanoseconds ?? 0n) / 1e6);
    return empty(200);
  },
  LIST_FILES: async ({ files }, { listFiles: call }, request) => {
    const found = await listFiles(files, call?.path ?? '', request);
    return found.ok ? { listFiles: found.value } : fileFailure(found.error);
  },
  READ_FILE: async ({ files }, { readFile: call }, request) => {
    const found = await readFile(files, call, request);
    return found.ok ? { readFile: found.value } : fileFailure(found.error);
  },
} satisfies Readonly<Record<string, Handler>>;
