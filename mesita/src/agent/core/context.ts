import type { Instant } from '@mesita/sdk/base';
import type { AgentConfig } from './config.ts';
import type { AgentEffect } from './effects.ts';
import type { AgentEventType, EventOf, RunName } from './events.ts';
import type { AgentState, Executor, Framework } from './state.ts';

/** One step's view: what is, and where to say what shall be done. */
export interface Context {
  readonly now: Instant;
  readonly config: AgentConfig;
  readonly state: AgentState;
  readonly emit: (effect: AgentEffect) => void;
}

export type Handler<Type extends AgentEventType> = (context: Context, event: EventOf<Type>) => void;

export interface Found {
  readonly framework: Framework;
  readonly executor: Executor;
}

/** The run an event is about, unless it is over. */
export function findRun({ state }: Context, run: RunName): Found | undefined {
  const framework = state.frameworks.get(run.frameworkId);
  const executor = framework?.executors.get(run.executorId);
  if (!framework || executor?.container !== run.container) return undefined;
  return { framework, executor };
}

export function runOf(executor: Executor): RunName {
  return {
    frameworkId: executor.frameworkId,
    executorId: executor.id,
    container: executor.container,
  };
}

export function warn(context: Context, text: string, fields?: object): void {
  context.emit({ type: 'log', level: 'warn', text, ...(fields && { fields: { ...fields } }) });
}

export function inform(context: Context, text: string, fields?: object): void {
  context.emit({ type: 'log', level: 'info', text, ...(fields && { fields: { ...fields } }) });
}
