import { join } from 'node:path';
import type { Clock, Logger, Random } from '@mesita/sdk/base';
import type { AgentModuleContext, ModuleMetrics, ModuleRoutes } from '@mesita/sdk/module';
import type { Metrics } from '../net/metrics.ts';
import type { ModulesProcess } from './routes.ts';

/** What a daemon lends its modules. */
export interface ContextParts {
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly metrics: Metrics;
  readonly http: Pick<ModulesProcess, 'routesOf'>;
  readonly workDir: string;
  readonly runtimeDir: string;
}

/** A context of one instance, whose effects on what others see can be held back, and ended. */
export interface OwnContext {
  readonly context: AgentModuleContext;
  /** Routes and gauges take the place of those of an instance before, now and from now on. */
  publish(): void;
  /** Its signal is aborted; its timers do not fire any more. */
  end(): void;
}

export interface Contexts {
  /** One for each name, for as long as the daemon lives: what built-ins get. */
  contextOf(name: string): AgentModuleContext;
  /** A new one; instances of one name after the other count in the same counters. */
  createContext(name: string): OwnContext;
}

export function createContexts(parts: ContextParts): Contexts {
  const made = new Map<string, AgentModuleContext>();
  const counters = new Map<string, ReturnType<typeof moduleMetrics>>();

  function createContext(name: string): OwnContext {
    const { random, workDir, runtimeDir } = parts;
    const metrics = counters.get(name) ?? moduleMetrics(parts.metrics, `modules/${name}/`);
    counters.set(name, metrics);
    const stage = createStage();
    const abort = new AbortController();
    const signal = AbortSignal.any([parts.signal, abort.signal]);
    const log = labelled(parts.log, name);
    const context = {
      ...{ name, log, random, signal, workDir, runtimeDir },
      clock: endingClock(parts.clock, log, abort.signal),
      metrics: { ...metrics, gauge: stage.hold(metrics.gauge) },
      routes: stagedRoutes(parts.http, name, stage.hold),
    };
    return { context, publish: stage.publish, end: () => abort.abort() };
  }

  return {
    createContext,
    contextOf(name) {
      const known = made.get(name);
      if (known) return known;
      const { context, publish } = createContext(name);
      publish();
      made.set(name, context);
      return context;
    },
  };
}

/** Where the containers' checkpoints of an isolator lie. */
export function checkpointDirectory(runtimeDir: string, instance: string): string {
  return join(runtimeDir, 'modules', instance, 'containers');
}

interface Stage {
  /** The same function; before `publish` its calls are kept. */
  hold<A extends readonly unknown[]>(act: (...args: A) => void): (...args: A) => void;
  publish(): void;
}

function createStage(): Stage {
  let kept: (() => void)[] | undefined = [];
  return {
    hold:
      (act) =>
      (...args) => {
        if (kept) kept.push(() => act(...args));
        else act(...args);
      },
    publish() {
      const acts = kept ?? [];
      kept = undefined;
      for (const act of acts) act();
    },
  };
}

function stagedRoutes(http: ContextParts['http'], name: string, hold: Stage['hold']): ModuleRoutes {
  let routes: ModuleRoutes | undefined;
  return {
    handle: hold<Parameters<ModuleRoutes['handle']>>((path, handler) => {
      routes ??= http.routesOf(name);
      routes.handle(path, handler);
    }),
  };
}

/** What a timer throws nobody waits for: it is a line in the log. */
function endingClock(clock: Clock, log: Logger, signal: AbortSignal): Clock {
  return {
    now: clock.now,
    setTimer: (delayMs, fire) =>
      clock.setTimer(delayMs, () => {
        if (signal.aborted) return;
        try {
          fire();
        } catch (error) {
          log.error('timer of a module failed', { error });
        }
      }),
  };
}

function labelled(log: Logger, module: string): Logger {
  return {
    debug: (text, fields) => log.debug(text, { module, ...fields }),
    info: (text, fields) => log.info(text, { module, ...fields }),
    warn: (text, fields) => log.warn(text, { module, ...fields }),
    error: (text, fields) => log.error(text, { module, ...fields }),
  };
}

function moduleMetrics(metrics: Metrics, prefix: string): ModuleMetrics {
  const counters = new Map<string, ReturnType<Metrics['counter']>>();
  const timers = new Map<string, ReturnType<Metrics['timer']>>();
  return {
    counter: (name) => once(counters, name, () => metrics.counter(prefix + name)),
    timer: (name) => once(timers, name, () => metrics.timer(prefix + name)),
    gauge(name, read) {
      metrics.remove(prefix + name);
      metrics.gauge(prefix + name, read);
    },
  };
}

function once<T>(known: Map<string, T>, name: string, make: () => T): T {
  const value = known.get(name) ?? make();
  known.set(name, value);
  return value;
}
