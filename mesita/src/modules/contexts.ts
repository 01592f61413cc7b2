import { join } from 'node:path';
import type { Clock, Logger, Random } from '@mesita/sdk/base';
import type { AgentModuleContext, ModuleMetrics } from '@mesita/sdk/module';
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

/** One context for each instance name; modules of any kind take what their kind shows of it. */
export function createContexts(parts: ContextParts): (instance: string) => AgentModuleContext {
  const made = new Map<string, AgentModuleContext>();
  return (instance) => {
    const known = made.get(instance);
    if (known) return known;
    const { clock, random, signal, workDir, runtimeDir } = parts;
    const context = {
      name: instance,
      log: labelled(parts.log, instance),
      clock,
      random,
      signal,
      metrics: moduleMetrics(parts.metrics, `modules/${instance}/`),
      routes: parts.http.routesOf(instance),
      workDir,
      runtimeDir,
    };
    made.set(instance, context);
    return context;
  };
}

/** Where the containers' checkpoints of an isolator lie. */
export function checkpointDirectory(runtimeDir: string, instance: string): string {
  return join(runtimeDir, 'modules', instance, 'containers');
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
