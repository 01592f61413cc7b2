import type { FrameworkId, Pid } from '@mesita/sdk/base';
import type { FrameworkInfo, scheduler } from '@mesita/sdk/types';
import { type Approvers, isApproved, mayRegisterFramework } from '../approvers.ts';
import type { DriverCall, SchedulerCall, SubscriptionAuthorized } from '../events.ts';
import type { Connection, Framework } from '../framework.ts';
import { rolesOf } from '../framework.ts';
import { tellSubscribed } from '../framework-events.ts';
import {
  activate,
  addFramework,
  connect,
  failOver,
  recoverFramework,
  type Terms,
  tellAgentsOfFramework,
  updateFramework,
  welcome,
} from '../framework-life.ts';
import { count, findFramework, isCompletedFramework, newFrameworkId } from '../state.ts';
import { log, send, type Turn } from '../turn.ts';
import {
  validateFrameworkInfo,
  validateFrameworkUpdate,
  validateOfferConstraintsRoles,
  validateSuppressedRoles,
} from '../validation/framework-info.ts';

type Subscription = (SchedulerCall | DriverCall) & { readonly call: scheduler.Call };

/**
 * The stream is opened before anything is checked: from then on a refusal is an ERROR event and
 * the stream's end. Clients have learnt to expect it so.
 */
export function subscribe(
  turn: Turn,
  request: Subscription,
  asked: scheduler.Call.Subscribe,
): void {
  const isNew = !asked.frameworkInfo.id?.value;
  count(turn.state, `master/messages_${isNew ? 'register' : 'reregister'}_framework`);
  if (request.type === 'SchedulerCall' && request.stream !== undefined) {
    const { requestId, stream } = request;
    turn.emit({ type: 'openStream', requestId, stream });
  }
  const info = withPrincipal(asked.frameworkInfo, request.principal);
  const reason =
    reasonToRefuse(turn, info) ??
    reasonUnauthenticated(turn, request) ??
    reasonToRefuseTerms(turn, info, asked);
  if (reason !== undefined) {
    refuse(turn, request, reason);
    return;
  }
  turn.emit({
    type: 'authorize',
    principal: info.principal,
    then: {
      type: 'SubscriptionAuthorized',
      request: { ...request, call: withInfo(request, info) },
    },
  });
}

/** Clients of the HTTP API have proved themselves before they get here. */
function reasonUnauthenticated(turn: Turn, request: Subscription): string | undefined {
  if (request.type === 'SchedulerCall' || !turn.config.authenticateFrameworks) return undefined;
  if (request.principal !== undefined) return undefined;
  return `Framework at ${request.from} is not authenticated`;
}

/** An authenticated framework need not repeat who it is; one that does was compared before. */
function withPrincipal(info: FrameworkInfo, principal: string | undefined): FrameworkInfo {
  return principal === undefined || info.principal !== undefined ? info : { ...info, principal };
}

function withInfo({ call }: Subscription, frameworkInfo: FrameworkInfo): scheduler.Call {
  return { ...call, subscribe: { ...call.subscribe, frameworkInfo } };
}

/** Rules for a FrameworkInfo, in SUBSCRIBE and UPDATE_FRAMEWORK. */
export function reasonToRefuse(turn: Turn, info: FrameworkInfo): string | undefined {
  const { rolesWhitelist, rootSubmissions } = turn.config;
  const error = validateFrameworkInfo(info);
  if (error !== undefined) return error;
  const unlisted = rolesWhitelist
    ? [...rolesOf(info)].filter((role) => !rolesWhitelist.has(role))
    : [];
  if (unlisted.length > 0) {
    return `Roles ${braced(unlisted)} are not present in the master's --roles`;
  }
  if (info.user === 'root' && !rootSubmissions) {
    return "User 'root' is not allowed to run frameworks without --root_submissions set";
  }
  if (isCompletedFramework(turn.state, info.id)) return 'Framework has been removed';
  return undefined;
}

/** Rules for what comes beside the FrameworkInfo. */
export function reasonToRefuseTerms(
  turn: Turn,
  info: FrameworkInfo,
  { suppressedRoles = [], offerConstraints }: scheduler.Call.UpdateFramework,
): string | undefined {
  const roles = rolesOf(info);
  const error = validateSuppressedRoles(roles, new Set(suppressedRoles));
  if (error !== undefined || !offerConstraints) return error;
  const foreign = validateOfferConstraintsRoles(roles, offerConstraints);
  if (foreign !== undefined) return foreign;
  const invalid = turn.config.validateOfferConstraints?.(offerConstraints);
  return invalid === undefined ? undefined : `Offer constraints are not valid: ${invalid}`;
}

export function reasonNotAuthorized(approvers: Approvers, info: FrameworkInfo): string | undefined {
  if (isApproved(approvers, mayRegisterFramework(info))) return undefined;
  const roles = [...rolesOf(info)];
  return `Not authorized to register framework ${info.id?.value ?? ''} with roles ${braced(roles)}`;
}

function braced(roles: readonly string[]): string {
  return `{ ${[...roles].sort().join(', ')} }`;
}

export function subscriptionAuthorized(turn: Turn, event: SubscriptionAuthorized): void {
  const { request, approvers } = event;
  const asked = request.call.subscribe;
  if (!asked) return;
  const { frameworkInfo: info } = asked;
  const reason = reasonNotAuthorized(approvers, info);
  if (reason !== undefined) {
    refuse(turn, request, reason);
    return;
  }
  if (request.type === 'DriverCall' && !info.id?.value && repeatWelcome(turn, request)) return;
  const connection = connectionOf(request);
  const terms = termsOf(asked);
  if (info.id?.value) {
    resubscribe(turn, request, info as FrameworkInfo, connection, approvers, terms);
    return;
  }
  const id: FrameworkId = newFrameworkId(turn.state);
  welcome(turn, addFramework(turn, { ...info, id: { value: id } }, connection, approvers, terms));
}

export function termsOf({
  suppressedRoles = [],
  offerConstraints,
}: scheduler.Call.UpdateFramework): Terms {
  return { suppressedRoles: new Set(suppressedRoles), offerConstraints };
}

function connectionOf(request: SchedulerCall | DriverCall): Connection {
  if (request.type === 'DriverCall') return { kind: 'pid', pid: request.from };
  return request.stream === undefined ? { kind: 'none' } : { kind: 'http', stream: request.stream };
}

/** A driver repeats its first subscription until it hears of its id: one framework is enough. */
function repeatWelcome(turn: Turn, { from }: DriverCall): boolean {
  for (const framework of turn.state.frameworks.registered.values()) {
    const { connection } = framework;
    if (connection.kind !== 'pid' || connection.pid !== from) continue;
    tellSubscribed(turn, framework);
    return true;
  }
  return false;
}

/** The same framework again: a new scheduler, a new connection, or a new master. */
function resubscribe(
  turn: Turn,
  request: SchedulerCall | DriverCall,
  asked: FrameworkInfo,
  connection: Connection,
  approvers: Approvers,
  terms: Terms,
): void {
  // It may have been removed while the authorizer was asked.
  if (isCompletedFramework(turn.state, asked.id)) {
    refuse(turn, request, 'Framework has been removed');
    return;
  }
  const known = findFramework(turn.state, asked.id);
  if (known && isStrangersDriver(known, request)) {
    refuse(turn, request, 'Framework failed over');
    return;
  }
  const framework = known ?? recoverFramework(turn, asked);
  const info = keepImmutable(turn, framework, asked);
  const reason = validateFrameworkUpdate(framework.info, info);
  if (reason !== undefined) {
    refuse(turn, request, reason);
    return;
  }
  const isReturn =
    request.type === 'DriverCall' && request.force !== true && framework.pid === request.from;
  updateFramework(turn, framework, info, terms);
  if (framework.recovered) {
    framework.registeredAt = turn.now;
    framework.reregisteredAt = turn.now;
    connect(turn, framework, connection, approvers);
    activate(turn, framework);
  } else {
    failOver(turn, framework, connection, approvers);
  }
  welcome(turn, framework, isReturn);
  tellAgentsOfFramework(turn, framework);
}

/** A driver that does not know it was replaced must not push its successor out again. */
function isStrangersDriver(framework: Framework, request: SchedulerCall | DriverCall): boolean {
  if (request.type !== 'DriverCall' || request.force === true) return false;
  const { connection } = framework;
  if (connection.kind === 'http') return true;
  return connection.kind === 'pid' && connection.pid !== request.from;
}

/** A subscription that asks for another user or other checkpointing keeps what it had. */
function keepImmutable(turn: Turn, { info }: Framework, asked: FrameworkInfo): FrameworkInfo {
  const isSame =
    asked.user === info.user && (asked.checkpoint ?? false) === (info.checkpoint ?? false);
  if (isSame) return asked;
  log(turn, 'warn', 'user and checkpoint of a framework cannot change', {
    frameworkId: info.id?.value,
  });
  return { ...asked, user: info.user, checkpoint: info.checkpoint };
}

function refuse(turn: Turn, request: SchedulerCall | DriverCall, message: string): void {
  log(turn, 'info', 'subscription refused', {
    name: request.call.subscribe?.frameworkInfo.name,
    reason: message,
  });
  if (request.type === 'DriverCall') {
    const pid: Pid = request.from;
    send(turn, pid, 'FrameworkErrorMessage', { message });
  } else if (request.stream !== undefined) {
    const { stream } = request;
    turn.emit({ type: 'publish', stream, event: { type: 'ERROR', error: { message } } });
    turn.emit({ type: 'closeStream', stream });
  }
}
