import type { Logger } from '@mesita/sdk/base';
import type { ExecutorInfo } from '@mesita/sdk/types';
import type { Hooks } from '../../hooks/hooks.ts';
import { createLanes } from '../../hooks/lanes.ts';
import type { AgentEffect } from '../core/effects.ts';
import type { AgentEvent } from '../core/events.ts';

type EffectOf<Type> = Extract<AgentEffect, { readonly type: Type }>;

/** Performs what the core stops at for hooks; it does not where there are none. */
export function hookPerformers(
  hooks: Hooks | undefined,
  post: (event: AgentEvent) => void,
  log: Logger,
) {
  // Updates of one task keep their order, also those that are only repeated.
  const lanes = createLanes((error) => log.error('cannot pass on a status update', { error }));

  async function decorate({ then }: EffectOf<'decorateUpdate'>): Promise<void> {
    const { update } = then;
    const status = await hooks?.taskStatus(update.frameworkId, update.status);
    post({ ...then, update: { ...update, status: status ?? update.status } });
  }

  return {
    decorateUpdate(effect: EffectOf<'decorateUpdate'>) {
      const { key, isNew } = effect.then;
      lanes.enter({ after: [key], holds: [key] }, () =>
        isNew ? decorate(effect) : post(effect.then),
      );
    },
    executorRemoved({ framework, executor }: EffectOf<'executorRemoved'>) {
      void hooks?.removeExecutor(framework, executor);
    },
  };
}

/** What hooks have to say of an executor's environment goes over all that was computed. */
export async function decorateEnvironment(
  hooks: Hooks | undefined,
  executor: ExecutorInfo | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (!executor || !hooks?.has('agentExecutorEnvironmentDecorator')) return environment;
  const { variables = [] } = await hooks.executorEnvironment(executor);
  const own = variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
  return { ...environment, ...Object.fromEntries(own) };
}
