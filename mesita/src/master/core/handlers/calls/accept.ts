import type { OfferId } from '@mesita/sdk/base';
import type { ResourceConversion } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { Filters, Offer, scheduler, TaskInfo } from '@mesita/sdk/types';
import type { Agent } from '../../agent.ts';
import { countOf, type Framework } from '../../framework.ts';
import type { OfferRecord } from '../../offer.ts';
import { discardOffer, offersAmong, removeOffer } from '../../offer-life.ts';
import { count } from '../../state.ts';
import { refuseTask } from '../../task-life.ts';
import { allocate, log, type Turn } from '../../turn.ts';
import { validateOffers } from '../../validation/offers.ts';
import { validateOperationResources } from '../../validation/operation-resources.ts';
import { launch, launchGroup } from './launch.ts';
import { withAllocation } from './normalize.ts';
import { operate } from './operate.ts';
import { dropOperation } from './operations.ts';

/** What is left of the accepted offers while operations take from them. */
export interface Purse {
  readonly offered: Resources;
  remaining: Resources;
  launched: Resources;
  /** Volumes of another size now; no other operation may have them. */
  resized: Resources;
  /** Offered and not destroyed: any number of tasks may use them. */
  shared: Resources;
  /** Of operations, and copies of shared resources beyond those offered. */
  readonly conversions: ResourceConversion[];
}

/**
 * Operations are tried one after another; one that fails costs the others nothing. What none of
 * them took is declined, with the call's filter.
 */
export function accept(turn: Turn, framework: Framework, call: scheduler.Call.Accept): void {
  const { offerIds = [], operations = [], filters = {} } = call;
  countLaunches(turn, operations);
  const offers = offersAmong(
    turn,
    offerIds.map(({ value }) => value as OfferId),
  );
  const error = validateOffers(offerIds, framework.id, (id) =>
    turn.state.offers.get(id as OfferId),
  );
  const [first] = offers;
  const agent = first && turn.state.agents.registered.get(first.agentId);
  if (error !== undefined || !agent) {
    refuseAll(turn, framework, offers, operations, error ?? 'Agent removed');
    return;
  }
  countOf(framework, 'offers/accepted', offers.length);
  const purse = openPurse(turn, offers);
  for (const operation of operations) {
    perform(turn, framework, agent, first.role, operation, purse);
  }
  settle(turn, framework, agent, purse, filters);
}

function countLaunches(turn: Turn, operations: readonly Offer.Operation[]): void {
  for (const { type, launch: launched } of operations) {
    if (type !== 'LAUNCH') continue;
    const isEmpty = (launched?.taskInfos ?? []).length === 0;
    count(turn.state, `master/messages_${isEmpty ? 'decline_offers' : 'launch_tasks'}`);
  }
}

/** Offers that were named are used up even so: their framework believes it has spent them. */
function refuseAll(
  turn: Turn,
  framework: Framework,
  offers: readonly OfferRecord[],
  operations: readonly Offer.Operation[],
  error: string,
): void {
  log(turn, 'warn', 'ACCEPT with invalid offers', { frameworkId: framework.id, error });
  for (const offer of offers) {
    if (offer.frameworkId === framework.id) discardOffer(turn, offer);
  }
  const isAware = framework.capabilities.has('PARTITION_AWARE');
  for (const operation of operations) {
    const tasks = tasksOf(operation);
    if (!tasks) {
      dropOperation(
        turn,
        framework,
        operation,
        `Operation attempted with invalid offers: ${error}`,
      );
      continue;
    }
    for (const { taskId, agentId } of tasks) {
      refuseTask(turn, framework, {
        frameworkId: { value: framework.id },
        taskId,
        agentId,
        state: isAware ? 'TASK_DROPPED' : 'TASK_LOST',
        reason: 'REASON_INVALID_OFFERS',
        message: `Task launched with invalid offers: ${error}`,
      });
    }
  }
}

/** Undefined for operations that launch nothing. */
function tasksOf(operation: Offer.Operation): readonly TaskInfo[] | undefined {
  if (operation.type === 'LAUNCH') return operation.launch?.taskInfos ?? [];
  if (operation.type === 'LAUNCH_GROUP') return operation.launchGroup?.taskGroup.tasks ?? [];
  return undefined;
}

function openPurse(turn: Turn, offers: readonly OfferRecord[]): Purse {
  const offered = Resources.sum(offers.map(({ resources }) => resources));
  for (const offer of offers) removeOffer(turn, offer);
  return {
    offered,
    remaining: offered,
    launched: Resources.empty,
    resized: Resources.empty,
    shared: offered.shared(),
    conversions: [],
  };
}

function perform(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  role: string,
  operation: Offer.Operation,
  purse: Purse,
): void {
  const tasks = tasksOf(operation);
  const type = operation.type ?? 'UNKNOWN';
  if (type === 'UNKNOWN') {
    log(turn, 'warn', 'unknown operation ignored', { frameworkId: framework.id });
    return;
  }
  if (!tasks) {
    operate(turn, framework, agent, role, operation, purse);
    return;
  }
  const invalid =
    validateOperationResources(operation) ??
    (operation.id ? `The \`id\` field cannot be set on ${type} operations` : undefined);
  if (invalid !== undefined) {
    for (const { taskId, agentId } of tasks) {
      refuseTask(turn, framework, {
        frameworkId: { value: framework.id },
        taskId,
        agentId,
        state: 'TASK_ERROR',
        reason: type === 'LAUNCH' ? 'REASON_TASK_INVALID' : 'REASON_TASK_GROUP_INVALID',
        message: invalid,
      });
    }
    return;
  }
  const complete = withAllocation(operation, role);
  if (complete.launchGroup) launchGroup(turn, framework, agent, complete.launchGroup, purse);
  for (const task of complete.launch?.taskInfos ?? []) {
    launch(turn, framework, agent, task, purse);
  }
}

/** The allocator learns the outcome as one thing: in between it must not offer anything. */
function settle(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  purse: Purse,
  filters: Filters,
): void {
  const { offered, remaining, resized, launched, conversions } = purse;
  if (conversions.length > 0) {
    allocate(turn, 'updateAllocation', framework.id, agent.id, offered, conversions);
  }
  const recover = (resources: Resources, filter?: Filters) => {
    if (resources.isEmpty) return;
    allocate(turn, 'recoverResources', framework.id, agent.id, resources, filter, false);
  };
  // What was made of the offer was not declined, so no filter holds it back.
  const made = remaining.add(resized).subtract(offered);
  allocate(turn, 'pause');
  recover(made);
  recover(remaining.subtract(made), filters);
  if (!launched.isEmpty) allocate(turn, 'transitionOfferedToAllocated', agent.id, launched);
  allocate(turn, 'resume');
}
