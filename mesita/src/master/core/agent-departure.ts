import type { AgentId } from '@mesita/sdk/base';
import type { AgentInfo, Task, TaskStatus, TimeInfo } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import { pingTimer, reregistrationTimer } from './agent-life.ts';
import { isConnected } from './framework.ts';
import { tellAgentLost } from './framework-events.ts';
import { removeExecutor } from './framework-removal.ts';
import { inverseOffersAmong, offersAmong, removeInverseOffer, rescindOffer } from './offer-life.ts';
import { abandonOperations } from './operation-life.ts';
import { deleteAgent, findFramework } from './state.ts';
import {
  type MasterVerdict,
  masterUpdate,
  pronounce,
  removeTask,
  updateTask,
  verdictOf,
} from './task-life.ts';
import { allocate, log, type Turn } from './turn.ts';

/** Why an agent goes, as far as its tasks are concerned. */
type Departure =
  | { readonly kind: 'removed'; readonly cause: string }
  | { readonly kind: 'unreachable'; readonly cause: string; readonly since: TimeInfo }
  | { readonly kind: 'gone'; readonly cause: string };

/** Off the books: the registry has it already. Its tasks end, or wait for it to come back. */
export function removeAgent(turn: Turn, agent: Agent, departure: Departure): void {
  const { state } = turn;
  log(turn, 'info', 'agent removed', { agentId: agent.id, cause: departure.cause });
  // Before its resources come free: nobody is to be offered them again.
  allocate(turn, 'removeAgent', agent.id);
  for (const [frameworkId, tasks] of [...agent.tasks]) {
    const framework = findFramework(state, { value: frameworkId });
    const isAware = framework?.capabilities.has('PARTITION_AWARE') ?? false;
    for (const record of [...tasks.values()]) {
      const update = masterUpdate(turn, departureVerdict(agent, record.task, isAware, departure));
      updateTask(turn, record, update);
      removeTask(turn, record, departure.kind === 'unreachable');
      pronounce(turn, framework, update);
    }
  }
  for (const [frameworkId, executors] of [...agent.executors]) {
    for (const executor of [...executors.values()]) {
      removeExecutor(turn, agent.id, frameworkId, executor);
    }
  }
  for (const offer of offersAmong(turn, agent.offers)) rescindOffer(turn, offer);
  for (const offer of inverseOffersAmong(turn, agent.inverseOffers)) {
    removeInverseOffer(turn, offer, true);
  }
  abandonOperations(turn, agent, departure.kind);
  deleteAgent(state, agent);
  turn.emit({ type: 'cancelTimer', id: pingTimer(agent) });
  turn.emit({ type: 'endProcess', id: agent.observer });
  turn.emit({ type: 'cancelTimer', id: reregistrationTimer(agent.id) });
  tellAgentIsLost(turn, agent.id, agent.info);
  if (departure.kind === 'removed') {
    turn.emit({ type: 'publishOperator', event: { type: 'AGENT_REMOVED', agentId: agent.id } });
  }
}

function departureVerdict(
  agent: Agent,
  task: Task,
  isAware: boolean,
  departure: Departure,
): MasterVerdict {
  const verdict = (state: Task['state'], reason: TaskStatus.Reason, message: string) =>
    verdictOf(task, state, reason, message);
  switch (departure.kind) {
    case 'removed':
      return verdict(
        'TASK_LOST',
        'REASON_AGENT_REMOVED',
        `Agent ${agent.info.hostname} removed: ${departure.cause}`,
      );
    case 'unreachable':
      return {
        ...verdict(
          isAware ? 'TASK_UNREACHABLE' : 'TASK_LOST',
          'REASON_AGENT_REMOVED',
          departure.cause,
        ),
        details: { unreachableTime: departure.since },
      };
    case 'gone':
      return isAware
        ? verdict('TASK_GONE_BY_OPERATOR', 'REASON_AGENT_REMOVED_BY_OPERATOR', departure.cause)
        : verdict('TASK_LOST', 'REASON_AGENT_REMOVED', departure.cause);
  }
}

export function tellAgentIsLost(turn: Turn, agentId: AgentId, agent: AgentInfo | undefined): void {
  for (const framework of turn.state.frameworks.registered.values()) {
    if (isConnected(framework)) tellAgentLost(turn, framework, { value: agentId });
  }
  if (agent && turn.config.hookedAt?.has('masterAgentLost'))
    turn.emit({ type: 'agentLost', agent });
}

/** Asks the registry to forget an agent. */
export function startRemoval(
  turn: Turn,
  agent: Agent,
  message: string,
  reason: 'unregistered' | 'registered',
): void {
  const { agents } = turn.state;
  const isBusy =
    agents.markingUnreachable.has(agent.id) ||
    agents.markingGone.has(agent.id) ||
    agents.removing.has(agent.id);
  if (isBusy) return;
  agents.removing.add(agent.id);
  turn.emit({
    type: 'persist',
    operation: { type: 'RemoveAgent', id: { value: agent.id } },
    then: { type: 'AgentRemoved', agentId: agent.id, message, reason },
  });
}
