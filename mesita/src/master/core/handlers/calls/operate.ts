import { type ResourceConversion, Resources } from '@mesita/sdk/resources';
import type { Offer } from '@mesita/sdk/types';
import { toJson } from '../../../../wire/json.ts';
import * as schema from '../../../../wire/schema/authorizer.ts';
import type { Agent } from '../../agent.ts';
import { isApproved } from '../../approvers.ts';
import type { Framework } from '../../framework.ts';
import { tellError } from '../../framework-events.ts';
import { offersAmong, rescindOffer } from '../../offer-life.ts';
import { applyOperation, providerOf } from '../../operation-life.ts';
import { questionsAbout } from '../../operation-objects.ts';
import type { Turn } from '../../turn.ts';
import { validateOperationResources } from '../../validation/operation-resources.ts';
import { validateOperation } from '../../validation/operations.ts';
import { describeAgent } from '../resource-changes.ts';
import type { Purse } from './accept.ts';
import { withAllocation } from './normalize.ts';
import { dropOperation } from './operations.ts';

/** A reservation or a volume, out of what the framework was offered and on its word. */
export function operate(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  role: string,
  asked: Offer.Operation,
  purse: Purse,
): void {
  const drop = (message: string) => dropOperation(turn, framework, asked, message);
  if (asked.id && framework.connection.kind === 'pid') {
    refuseDriver(turn, framework);
    return;
  }
  const unreadable = validateOperationResources(asked) ?? reasonForOperators(asked);
  if (unreadable !== undefined) {
    drop(`Operation attempted with invalid resources: ${unreadable}`);
    return;
  }
  const operation = withAllocation(asked, role);
  const invalid = reasonToDrop(framework, agent, operation);
  if (invalid !== undefined) {
    drop(invalid);
    return;
  }
  if (operation.destroy) rescindVolumes(turn, agent, operation.destroy);
  const conversions = Resources.conversions(operation);
  const error = conversions.ok ? spend(purse, operation, conversions.value) : conversions.error;
  if (error === undefined) applyOperation(turn, agent, framework, operation);
  else drop(error);
}

function reasonForOperators({ reserve }: Offer.Operation): string | undefined {
  return reserve?.source?.length
    ? 'Reservation updates are not yet implemented for the scheduler API.'
    : undefined;
}

/** Drivers learn of operations by no message, so none may be promised: it ends them. */
function refuseDriver(turn: Turn, framework: Framework): void {
  tellError(
    turn,
    framework,
    "The 'id' field was set in an offer operation, but operation feedback is not supported for " +
      'the SchedulerDriver API; please use the HTTP scheduler API for this feature',
  );
}

function reasonToDrop(
  framework: Framework,
  agent: Agent,
  operation: Offer.Operation,
): string | undefined {
  const unheard = reasonNotHeard(agent, operation);
  if (unheard !== undefined) return unheard;
  const invalid = validateOperation(operation, {
    principal: framework.info.principal,
    framework: framework.info,
    roles: framework.roles,
    agentCapabilities: agent.capabilities,
    checkpointed: agent.checkpointed,
    used: agent.used.values(),
  });
  if (invalid !== undefined) return `${invalid}; on agent ${describeAgent(agent)}`;
  if (operation.createDisk || operation.destroyDisk) {
    return `${operation.type} is not supported yet`;
  }
  return reasonNotAuthorized(framework, operation);
}

/** Whoever gave an id wants to be told, and old agents do not tell. */
function reasonNotHeard(agent: Agent, operation: Offer.Operation): string | undefined {
  if (!operation.id) return undefined;
  if (!agent.capabilities.has('RESOURCE_PROVIDER')) {
    return `Operation requested feedback, but agent ${agent.id} does not have the required RESOURCE_PROVIDER capability`;
  }
  if (providerOf(operation) || agent.capabilities.has('AGENT_OPERATION_FEEDBACK')) return undefined;
  return `Operation on agent default resources requested feedback, but agent ${agent.id} does not have the required AGENT_OPERATION_FEEDBACK and RESOURCE_PROVIDER capabilities`;
}

function reasonNotAuthorized(framework: Framework, operation: Offer.Operation): string | undefined {
  for (const question of questionsAbout(operation)) {
    if (isApproved(framework.approvers, question)) continue;
    const { action, object } = question;
    const what = object ? `object ${JSON.stringify(toJson(schema.Object, object))}` : 'ANY object';
    return `Principal '${framework.info.principal ?? ''}' no authorized to perform action ${action} on ${what}`;
  }
  return undefined;
}

/** What is about to vanish must not be accepted by another framework. */
function rescindVolumes(turn: Turn, agent: Agent, { volumes = [] }: Offer.Operation.Destroy): void {
  const doomed = volumes.map((volume) => Resources.of([volume]));
  for (const offer of offersAmong(turn, agent.offers)) {
    if (doomed.some((volume) => offer.resources.contains(volume))) rescindOffer(turn, offer);
  }
}

/** An error, with the purse as it was, when the offers do not hold what is to be converted. */
function spend(
  purse: Purse,
  { type, create, destroy, growVolume, shrinkVolume }: Offer.Operation,
  conversions: readonly ResourceConversion[],
): string | undefined {
  if (growVolume || shrinkVolume) return resize(purse, type ?? 'UNKNOWN', conversions);
  const remaining = purse.remaining.convert(conversions);
  if (!remaining.ok) return remaining.error;
  purse.remaining = remaining.value;
  if (create || destroy) purse.shared = remaining.value.shared();
  purse.conversions.push(...conversions);
  return undefined;
}

/** A resized volume is offered anew before it can be used: in Mesos, resizing may come to wait. */
function resize(
  purse: Purse,
  type: string,
  conversions: readonly ResourceConversion[],
): string | undefined {
  for (const { consumed, converted } of conversions) {
    if (!purse.remaining.contains(consumed)) {
      return `Invalid ${type} operation: ${purse.remaining} does not contain ${consumed}`;
    }
    purse.remaining = purse.remaining.subtract(consumed);
    purse.resized = purse.resized.add(converted);
  }
  purse.conversions.push(...conversions);
  return undefined;
}
