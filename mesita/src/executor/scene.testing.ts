// A world for tests: a clock that is turned by hand, containers that do as they are told.
import type { Clock } from '@mesita/sdk/base';
import type { TaskInfo, TaskStatus } from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import type * as api from '@mesita/sdk/types/executor';
import type { BuiltinExecutor, CreateBuiltinExecutor, ExecutorContext } from './executor.ts';

export interface ExecutorScene {
  readonly executor: BuiltinExecutor;
  readonly calls: api.Call[];
  readonly signals: string[];
  readonly launched: string[];
  notes(): string;
  /** Statuses sent so far, without what differs from run to run. */
  statuses(): Partial<TaskStatus>[];
  advance(ms: number): Promise<void>;
  settle(): Promise<void>;
  end(container: string, termination: ContainerTermination): Promise<void>;
  subscribed(): void;
  acknowledgeAll(): void;
}

export interface SceneOptions {
  readonly canShowKilling?: boolean;
  readonly remembered?: string;
  readonly failLaunch?: (value: string) => string | undefined;
}

export function createExecutorScene(
  create: CreateBuiltinExecutor,
  options: SceneOptions = {},
): ExecutorScene {
  const { clock, advance } = createManualClock();
  const calls: api.Call[] = [];
  const signals: string[] = [];
  const launched: string[] = [];
  const waits = new Map<string, (termination: ContainerTermination) => void>();
  let sequence = 0;
  let notes = '';
  const context: ExecutorContext = {
    framework: {
      user: 'u',
      name: 'f',
      id: { value: 'framework' },
      capabilities: options.canShowKilling ? [{ type: 'TASK_KILLING_STATE' }] : [],
    },
    executor: { executorId: { value: 'executor' } },
    container: { value: 'root' },
    sandbox: '/nonexistent',
    shutdownGracePeriodMs: 5000,
    containers: {
      async kill(id, signal) {
        signals.push(`${id.value} ${signal}`);
        return true;
      },
      wait: (id) => new Promise((resolve) => waits.set(id.value, resolve)),
      async destroy(id) {
        signals.push(`${id.value} destroy`);
        return {};
      },
      async launchNested(id) {
        const failure = options.failLaunch?.(id.value);
        if (failure) throw new Error(failure);
        launched.push(id.value);
      },
      async remove() {},
    },
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    uuid: () => Uint8Array.from({ length: 16 }, () => sequence++ % 256),
    call: (call) => void calls.push(call),
    remembered: options.remembered,
    remember: async (text) => {
      notes = text;
    },
  };
  const executor = create(context);
  const updates = (): TaskStatus[] => calls.flatMap(({ update }) => update?.status ?? []);
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  return {
    executor,
    calls,
    signals,
    launched,
    notes: () => notes,
    statuses: () => updates().map(withoutVolatile),
    async advance(ms) {
      await settle();
      advance(ms);
      await settle();
    },
    settle,
    async end(container, termination) {
      if (container === 'root') await executor.terminated(termination);
      else waits.get(container)?.(termination);
      await settle();
    },
    subscribed() {
      executor.receive({
        type: 'SUBSCRIBED',
        subscribed: {
          executorInfo: context.executor,
          frameworkInfo: context.framework,
          agentInfo: { hostname: 'h', id: { value: 'agent' } },
        },
      });
    },
    acknowledgeAll() {
      for (const { taskId, uuid } of updates()) {
        executor.receive({ type: 'ACKNOWLEDGED', acknowledged: { taskId, uuid: uuid! } });
      }
    },
  };
}

function withoutVolatile(status: TaskStatus): Partial<TaskStatus> {
  const { uuid: _uuid, timestamp: _timestamp, ...rest } = status;
  const { source: _source, agentId: _agent, executorId: _executor, ...telling } = rest;
  return telling;
}

export function task(id: string, more: Partial<TaskInfo> = {}): TaskInfo {
  return { name: id, taskId: { value: id }, agentId: { value: 'agent' }, command: {}, ...more };
}

function createManualClock(): { clock: Clock; advance(ms: number): void } {
  let now = 1000;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    clock: {
      now: () => now,
      setTimer(delayMs, run) {
        const timer = { at: now + delayMs, run };
        timers.add(timer);
        return { cancel: () => void timers.delete(timer) };
      },
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}
