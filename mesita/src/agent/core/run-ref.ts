import type { AgentId } from '@mesita/sdk/base';
import type { AgentState, Executor, RunRef } from './state.ts';

export function agentIdOf(state: AgentState): AgentId {
  return (state.info.id?.value ?? '') as AgentId;
}

export function runRef(
  state: AgentState,
  { id, frameworkId, container }: Pick<Executor, 'id' | 'frameworkId' | 'container'>,
): RunRef {
  return { agentId: agentIdOf(state), frameworkId, executorId: id, container };
}
