import type { LogFields, Timer } from '../base/index.ts';
import type { ContainerID } from '../types/index.ts';
import type { IsolatorContext, ModuleRequest, ModuleResponse } from './context.ts';

type Handler = (request: ModuleRequest) => ModuleResponse | Promise<ModuleResponse>;

/** A context in memory, good for every kind, and what a test wants to know of its use. */
export interface TestContext {
  readonly context: IsolatorContext;
  /** `warn: text`, in order. */
  readonly lines: readonly string[];
  readonly counters: ReadonlyMap<string, number>;
  /** Lets time pass, and timers fire. */
  advance(durationMs: number): void;
  /** A request to a route, by the route's own path. */
  request(path: string, request?: Partial<ModuleRequest>): Promise<ModuleResponse>;
  /** As at the daemon's end. */
  shutDown(): void;
}

export function createTestContext(
  given: Partial<Pick<IsolatorContext, 'name' | 'workDir' | 'runtimeDir'>> = {},
): TestContext {
  const lines: string[] = [];
  const write = (level: string) => (text: string, _fields?: LogFields) =>
    void lines.push(`${level}: ${text}`);
  const routes = new Map<string, Handler>();
  const counters = new Map<string, number>();
  const { clock, advance } = createTestClock();
  const abort = new AbortController();
  let drawn = 0;
  return {
    lines,
    counters,
    advance,
    shutDown: () => abort.abort(),
    async request(path, request) {
      const handler = routes.get(path);
      if (!handler) return { status: 404 };
      return handler({ ...emptyRequest, ...request });
    },
    context: {
      name: 'test',
      workDir: '/tmp',
      runtimeDir: '/tmp',
      ...given,
      log: {
        debug: write('debug'),
        info: write('info'),
        warn: write('warn'),
        error: write('error'),
      },
      clock,
      random: { next: () => (drawn++ % 10) / 10, uuid: () => `uuid-${drawn++}` },
      signal: abort.signal,
      metrics: {
        counter: (name) => ({
          increment: (by = 1) => void counters.set(name, (counters.get(name) ?? 0) + by),
        }),
        gauge() {},
        timer: () => ({ record() {}, start: () => () => {} }),
      },
      routes: { handle: (path, handler) => void routes.set(path, handler) },
      containers: createTestCheckpoints(),
      secrets: { resolve: ({ value }) => value?.data ?? new Uint8Array() },
    },
  };
}

const emptyRequest: ModuleRequest = {
  method: 'GET',
  rest: '',
  query: new Map(),
  headers: {},
  principal: undefined,
  signal: new AbortController().signal,
  text: async () => '',
};

function createTestClock() {
  let now = 0;
  const waiting = new Set<{ readonly due: number; readonly fire: () => void }>();
  return {
    clock: {
      now: () => now,
      setTimer(delayMs: number, fire: () => void): Timer {
        const timer = { due: now + delayMs, fire };
        waiting.add(timer);
        return { cancel: () => void waiting.delete(timer) };
      },
    },
    advance(durationMs: number): void {
      const end = now + durationMs;
      for (;;) {
        const next = [...waiting].sort((a, b) => a.due - b.due).find(({ due }) => due <= end);
        if (!next) break;
        waiting.delete(next);
        now = next.due;
        next.fire();
      }
      now = end;
    },
  };
}

function createTestCheckpoints(): IsolatorContext['containers'] {
  const kept = new Map<string, { readonly id: ContainerID; readonly value: unknown }>();
  return {
    get: (id) => kept.get(id.value)?.value,
    async set(id, value) {
      kept.set(id.value, { id, value });
    },
    all: () => [...kept.values()],
  };
}
