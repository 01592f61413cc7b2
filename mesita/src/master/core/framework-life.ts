import type { FrameworkId, Instant, Pid } from '@mesita/sdk/base';
import type { FrameworkOptions } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo, scheduler } from '@mesita/sdk/types';
import { type Approvers, allowAll } from './approvers.ts';
import { addFrameworkExecutor, addFrameworkOperation, untrackIdleRole } from './books.ts';
import { type Connection, capabilitiesOf, countOf, type Framework, rolesOf } from './framework.ts';
import { tellError, tellHeartbeat, tellSubscribed } from './framework-events.ts';
import { expectNoReturn, expectReturn, returnDeadline } from './framework-expectations.ts';
import {
  discardOffer,
  inverseOffersAmong,
  offersAmong,
  rescindOffer,
  withdrawInverseOffer,
} from './offer-life.ts';
import { insertFramework, trackRole } from './state.ts';
import { enterTask } from './task-life.ts';
import { allocate, log, send, type Turn } from './turn.ts';

function heartbeatTimer(id: FrameworkId): string {
  return `heartbeat ${id}`;
}

export function failoverTimer(id: FrameworkId): string {
  return `failover ${id}`;
}

/** What a subscription says beside the FrameworkInfo. */
export interface Terms {
  readonly suppressedRoles: ReadonlySet<string>;
  readonly offerConstraints: scheduler.OfferConstraints | undefined;
}

const noTerms: Terms = { suppressedRoles: new Set(), offerConstraints: undefined };

function optionsOf({ suppressedRoles, offerConstraints }: Terms): FrameworkOptions {
  return { suppressedRoles, offerConstraints };
}

function createFramework(info: FrameworkInfo, id: FrameworkId, now: Instant): Framework {
  return {
    id,
    info,
    connection: { kind: 'none' },
    active: false,
    recovered: true,
    roles: rolesOf(info),
    capabilities: capabilitiesOf(info),
    suppressedRoles: new Set(),
    approvers: allowAll,
    registeredAt: now,
    reregisteredAt: now,
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: [],
    executors: new Map(),
    offers: new Set(),
    inverseOffers: new Set(),
    operations: new Map(),
    operationUuids: new Map(),
    used: new Map(),
    offered: new Map(),
    totalUsed: Resources.empty,
    totalOffered: Resources.empty,
    counters: new Map(),
  };
}

/** A new framework, connected from its first moment. */
export function addFramework(
  turn: Turn,
  info: FrameworkInfo,
  connection: Connection,
  approvers: Approvers,
  terms: Terms,
): Framework {
  const framework = createFramework(info, info.id?.value as FrameworkId, turn.now);
  framework.recovered = false;
  framework.active = true;
  insert(turn, framework, terms);
  connect(turn, framework, connection, approvers);
  turn.emit({ type: 'publishOperator', event: { type: 'FRAMEWORK_ADDED', framework } });
  return framework;
}

/** A framework known only from agents, or from its own word, after this master took over. */
export function recoverFramework(turn: Turn, info: FrameworkInfo): Framework {
  const framework = createFramework(info, info.id?.value as FrameworkId, turn.now);
  turn.emit({ type: 'publishOperator', event: { type: 'FRAMEWORK_ADDED', framework } });
  for (const agent of turn.state.agents.registered.values()) {
    for (const record of agent.tasks.get(framework.id)?.values() ?? []) {
      enterTask(turn, framework, record);
    }
    for (const record of agent.executors.get(framework.id)?.values() ?? []) {
      addFrameworkExecutor(turn.state, framework, agent.id, record);
    }
    for (const record of agent.operations.values()) {
      if (record.operation.frameworkId?.value === framework.id) {
        addFrameworkOperation(framework, record);
      }
    }
  }
  insert(turn, framework, noTerms);
  const deadline = returnDeadline(turn, framework, failoverTimeoutMs(info));
  startFailoverTimer(turn, framework, deadline - turn.now);
  return framework;
}

function insert(turn: Turn, framework: Framework, terms: Terms): void {
  log(turn, 'info', 'framework added', { frameworkId: framework.id, name: framework.info.name });
  framework.suppressedRoles = new Set(terms.suppressedRoles);
  framework.offerConstraints = terms.offerConstraints;
  insertFramework(turn.state, framework);
  allocate(
    turn,
    'addFramework',
    framework.id,
    framework.info,
    new Map(framework.used),
    framework.active,
    optionsOf(terms),
  );
}

/** The framework speaks from here on; whoever spoke before is told and cut off. */
export function connect(
  turn: Turn,
  framework: Framework,
  connection: Connection,
  approvers: Approvers,
): void {
  const old = framework.connection;
  if (old.kind === 'http') turn.emit({ type: 'closeStream', stream: old.stream });
  framework.connection = connection;
  framework.pid = connection.kind === 'pid' ? connection.pid : undefined;
  framework.approvers = approvers;
  framework.recovered = false;
  expectNoReturn(turn, framework.id);
  turn.emit({ type: 'cancelTimer', id: failoverTimer(framework.id) });
  turn.emit({ type: 'cancelTimer', id: heartbeatTimer(framework.id) });
  if (connection.kind === 'pid') turn.emit({ type: 'link', pid: connection.pid });
}

/** The first word on a new connection. The first heartbeat follows at once: clients wait for it. */
export function welcome(turn: Turn, framework: Framework, isReturn = false): void {
  countOf(framework, 'calls');
  countOf(framework, 'calls/subscribe');
  tellSubscribed(turn, framework, isReturn);
  heartbeat(turn, framework);
}

export function heartbeat(turn: Turn, framework: Framework): void {
  if (framework.connection.kind !== 'http') return;
  tellHeartbeat(turn, framework);
  turn.emit({
    type: 'setTimer',
    id: heartbeatTimer(framework.id),
    delayMs: turn.config.heartbeatIntervalMs,
    then: {
      type: 'HeartbeatDue',
      frameworkId: framework.id,
      stream: framework.connection.stream,
    },
  });
}

/** A scheduler takes over from another, or from an earlier connection of its own. */
export function failOver(
  turn: Turn,
  framework: Framework,
  connection: Connection,
  approvers: Approvers,
): void {
  framework.reregisteredAt = turn.now;
  const isSamePid = connection.kind === 'pid' && connection.pid === framework.pid;
  if (!isSamePid) tellError(turn, framework, 'Framework failed over');
  connect(turn, framework, connection, approvers);
  // Silently: the new scheduler never saw them, the old one is no longer listened to.
  for (const offer of offersAmong(turn, framework.offers)) discardOffer(turn, offer);
  for (const offer of inverseOffersAmong(turn, framework.inverseOffers)) {
    withdrawInverseOffer(turn, offer, false);
  }
  activate(turn, framework);
}

export function activate(turn: Turn, framework: Framework): void {
  if (framework.active) return;
  framework.active = true;
  allocate(turn, 'activateFramework', framework.id);
}

/** No more offers; outstanding ones end, told of or not. */
export function deactivate(turn: Turn, framework: Framework, isRescinding: boolean): void {
  framework.active = false;
  allocate(turn, 'deactivateFramework', framework.id);
  for (const offer of offersAmong(turn, framework.offers)) {
    if (isRescinding) rescindOffer(turn, offer);
    else discardOffer(turn, offer);
  }
  for (const offer of inverseOffersAmong(turn, framework.inverseOffers)) {
    withdrawInverseOffer(turn, offer, isRescinding);
  }
}

/** The connection is gone. The framework has its failover timeout to come back. */
export function disconnect(turn: Turn, framework: Framework): void {
  log(turn, 'info', 'framework disconnected', { frameworkId: framework.id });
  hangUp(turn, framework);
  if (framework.active) deactivate(turn, framework, false);
  const timeoutMs = failoverTimeoutMs(framework.info);
  startFailoverTimer(turn, framework, timeoutMs);
  expectReturn(turn, framework, timeoutMs);
}

function failoverTimeoutMs({ failoverTimeout = 0 }: FrameworkInfo): number {
  return Math.max(0, failoverTimeout * 1000);
}

function startFailoverTimer(turn: Turn, { id: frameworkId }: Framework, delayMs: number): void {
  const then = { type: 'FailoverTimedOut', frameworkId } as const;
  turn.emit({ type: 'setTimer', id: failoverTimer(frameworkId), delayMs, then });
}

export function hangUp(turn: Turn, framework: Framework): void {
  const { connection } = framework;
  if (connection.kind === 'none') return;
  turn.emit({ type: 'cancelTimer', id: heartbeatTimer(framework.id) });
  if (connection.kind === 'http') turn.emit({ type: 'closeStream', stream: connection.stream });
  framework.connection = { kind: 'none' };
  framework.approvers = allowAll;
}

/** New FrameworkInfo and terms. What is immutable was compared before. */
export function updateFramework(
  turn: Turn,
  framework: Framework,
  info: FrameworkInfo,
  terms: Terms,
): void {
  allocate(turn, 'updateFramework', framework.id, info, optionsOf(terms));
  const roles = rolesOf(info);
  for (const offer of offersAmong(turn, framework.offers)) {
    if (!roles.has(offer.role)) rescindOffer(turn, offer);
  }
  const left = [...framework.roles].filter((role) => !roles.has(role));
  framework.info = info;
  framework.roles = roles;
  framework.capabilities = capabilitiesOf(info);
  framework.suppressedRoles = new Set(terms.suppressedRoles);
  framework.offerConstraints = terms.offerConstraints;
  for (const role of left) untrackIdleRole(turn.state, framework, role);
  for (const role of roles) trackRole(turn.state, framework, role);
}

/** What agents are told as the address of a framework without one. */
const noPid = '@0.0.0.0:0' as Pid;

export function pidOf(framework: Framework): Pid {
  return framework.pid ?? noPid;
}

export function tellAgentsOfFramework(turn: Turn, framework: Framework): void {
  turn.emit({ type: 'publishOperator', event: { type: 'FRAMEWORK_UPDATED', framework } });
  for (const agent of turn.state.agents.registered.values()) {
    send(turn, agent, 'UpdateFrameworkMessage', {
      frameworkId: { value: framework.id },
      pid: pidOf(framework),
      frameworkInfo: framework.info,
    });
  }
}
