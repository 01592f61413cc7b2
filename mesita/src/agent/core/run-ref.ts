import type { AgentId, ContainerIdText, ExecutorId, FrameworkId } from '@mesita/sdk/base';
import type { Context } from './context.ts';
import type { Executor } from './framework.ts';
import type { AgentState } from './state.ts';

/** Names one run of an executor on disk. */
export interface RunRef {
  readonly agentId: AgentId;
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  readonly container: ContainerIdText;
}

export function agentIdOf(state: AgentState): AgentId {
  return (state.info.id?.value ?? '') as AgentId;
}

/** What is known of the agent itself changed. */
export function keepAgent({ state, emit }: Context): void {
  const { info, drain } = state;
  const record = { kind: 'agent', info, ...(drain && { drain: drain.config }) } as const;
  emit({ type: 'checkpoint', records: [record] });
}

export function runRef(
  state: AgentState,
  { id, frameworkId, container }: Pick<Executor, 'id' | 'frameworkId' | 'container'>,
): RunRef {
  return { agentId: agentIdOf(state), frameworkId, executorId: id, container };
}
