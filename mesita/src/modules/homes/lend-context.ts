import type { IsolatorContext, ModuleRequest, ModuleResponse } from '@mesita/sdk/module';
import { type Call, commonCalls, ShapeError } from '@mesita/sdk/module/calls';
import type { ContainerID, Secret } from '@mesita/sdk/types';
import type { Dialect } from './dialect.ts';
import { nonsense } from './failure.ts';
import type { Keeper } from './keeper.ts';

/** What a daemon's context has depends on the kind. */
export type HomeContext = Pick<IsolatorContext, 'log' | 'clock'> & Partial<IsolatorContext>;

interface LentContext {
  /** Undefined when it is no call of these. */
  serve(method: string, args: unknown): { readonly answer: unknown } | undefined;
}

/** Names that a module may invent: metrics and routes. */
const MAX_NAMES = 1_000;
const MAX_TEXT = 8_192;
/** Lines a second; a module that says more is told so once in that second. */
const MAX_LINES = 200;

/** Lets a module in another home use its context. What it says is bounded. */
export function lendContext(
  context: HomeContext,
  dialect: Dialect,
  keeper: Pick<Keeper, 'request' | 'abandon'>,
): LentContext {
  const names = new Set<string>();
  const gauges = new Map<string, number>();
  const isKnown = (name: unknown) => names.size < MAX_NAMES || names.has(name as string);
  const named = (name: unknown): string => {
    if (!isKnown(name)) throw new Error(`More than ${MAX_NAMES} names`);
    names.add(name as string);
    return name as string;
  };
  const log = createBoundedLog(context);
  const pack = async (call: Call, answer: unknown) => dialect.packResult(call, await answer);

  const act: Record<keyof typeof commonCalls.callbacks, (args: readonly unknown[]) => unknown> = {
    log: ([level, text, fields]) => log(level as Level, text as string, fields as never),
    count: ([name, by]) =>
      context.metrics?.counter(named(name)).increment(by as number | undefined),
    timer: ([name, durationMs]) => context.metrics?.timer(named(name)).record(durationMs as number),
    gauge([name, value]) {
      const key = named(name);
      if (!gauges.has(key)) context.metrics?.gauge(key, () => gauges.get(key) as number);
      gauges.set(key, value as number);
    },
    handle([path]) {
      const ask = (given: ModuleRequest) => askRoute(dialect, keeper, path as string, given);
      context.routes?.handle(named(path), ask);
    },
    secret: ([secret]) => context.secrets?.resolve(secret as Secret),
    checkpoint: ([id, value]) => context.containers?.set(id as ContainerID, value),
  };
  return {
    serve(method, packed) {
      if (!Object.hasOwn(act, method)) return undefined;
      const name = method as keyof typeof act;
      const call = commonCalls.callbacks[name];
      return { answer: pack(call, act[name](dialect.unpackArgs(call, packed))) };
    },
  };
}

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Readonly<Record<string, unknown>> | undefined;

export function createBoundedLog({ log, clock }: Pick<HomeContext, 'log' | 'clock'>) {
  let second = 0;
  let lines = 0;
  return (level: Level, text: string, fields?: Fields): void => {
    const now = Math.floor(clock.now() / 1_000);
    if (now !== second) {
      second = now;
      lines = 0;
    }
    lines++;
    if (lines === MAX_LINES) log.warn('module writes too much; the rest of this second is dropped');
    if (lines < MAX_LINES) log[level](text.slice(0, MAX_TEXT), fields);
  };
}

async function askRoute(
  dialect: Dialect,
  keeper: Pick<Keeper, 'request' | 'abandon'>,
  path: string,
  given: ModuleRequest,
): Promise<ModuleResponse> {
  const call = commonCalls.methods.route;
  const { signal, ...request } = given;
  const data = { ...request, query: Object.fromEntries(given.query), text: await given.text() };
  const answer = keeper.request('route', dialect.packArgs(call, [path, data]));
  const giveUp = () => keeper.abandon(answer, true);
  signal.addEventListener('abort', giveUp);
  try {
    return dialect.unpackResult(call, await answer) as ModuleResponse;
  } catch (error) {
    throw error instanceof ShapeError ? nonsense(error) : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
