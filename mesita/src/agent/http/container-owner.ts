// Whose a container is, and who may do something to it.
import type { CommandInfo, ContainerID } from '@mesita/sdk/types';
import type { Action } from '@mesita/sdk/types/authorizer';
import type { Subject } from '../../net/authorization.ts';
import type { Executor, Framework } from '../core/state.ts';
import type { AgentSurface } from './surface.ts';

interface Owner {
  readonly framework: Framework;
  readonly executor: Executor;
}

/** The executor in whose container it is. Undefined: it is a standalone one, or in one, or none. */
export function ownerOf(
  { state }: Pick<AgentSurface, 'state'>,
  id: ContainerID,
): Owner | undefined {
  let root = id;
  while (root.parent) root = root.parent;
  for (const framework of state.frameworks.values()) {
    for (const executor of framework.executors.values()) {
      if (executor.container === root.value) return { framework, executor };
    }
  }
  return undefined;
}

type Verb = 'LAUNCH' | 'WAIT' | 'KILL' | 'REMOVE';

/** Nested containers have actions of their own, by the id alone. */
export function actionOf(verb: Verb, id: ContainerID): Action {
  return id.parent ? `${verb}_NESTED_CONTAINER` : `${verb}_STANDALONE_CONTAINER`;
}

/** Rejects when the authorizer fails. */
export function mayTouch(
  surface: AgentSurface,
  subject: Subject,
  action: Action,
  containerId: ContainerID,
  commandInfo?: CommandInfo,
): Promise<boolean> {
  const owner = ownerOf(surface, containerId);
  return surface.authorization.authorized(subject, action, {
    containerId,
    ...(owner && { executorInfo: owner.executor.info, frameworkInfo: owner.framework.info }),
    ...(owner && commandInfo && { commandInfo }),
  });
}
