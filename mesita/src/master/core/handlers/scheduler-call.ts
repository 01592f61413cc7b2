import type { scheduler } from '@mesita/sdk/types';
import type { DriverCall, SchedulerCall } from '../events.ts';
import { countOf, type Framework, isConnected } from '../framework.ts';
import { removeFramework } from '../framework-removal.ts';
import { count, findFramework } from '../state.ts';
import { allocate, log, send, type Turn } from '../turn.ts';
import { validateSchedulerCall } from '../validation/scheduler-call.ts';
import { accept } from './calls/accept.ts';
import { acceptInverseOffers, decline, declineInverseOffers } from './calls/offers.ts';
import { acknowledgeOperationStatus, reconcileOperations } from './calls/operations.ts';
import { reconcile } from './calls/reconcile.ts';
import { revive, suppress } from './calls/roles.ts';
import { acknowledge, kill, message, shutdown } from './calls/tasks.ts';
import { updateFrameworkCall } from './calls/update-framework.ts';
import { subscribe } from './subscription.ts';

interface Refusal {
  readonly status: number;
  readonly body: string;
}

/** A validated call has the part its type names; should it not, it does nothing. */
export function schedulerCall(turn: Turn, event: SchedulerCall): void {
  const { requestId, call } = event;
  if (call.type === 'SUBSCRIBE') {
    if (call.subscribe) subscribe(turn, event, call.subscribe);
    return;
  }
  const framework = findFramework(turn.state, call.frameworkId);
  if (framework) countCall(framework, call);
  const refusal = framework ? reasonToRefuse(framework, event) : unknownFramework;
  if (!framework || refusal) {
    turn.emit({ type: 'respond', requestId, ...(refusal ?? unknownFramework) });
  } else if (call.type === 'UPDATE_FRAMEWORK') {
    const answer = call.updateFramework
      ? updateFrameworkCall(turn, framework, call.updateFramework)
      : { status: 400 };
    turn.emit({ type: 'respond', requestId, ...answer });
  } else if (call.type === 'UNKNOWN' || call.type === undefined) {
    turn.emit({ type: 'respond', requestId, status: 501, body: '501 Not Implemented.' });
  } else {
    turn.emit({ type: 'respond', requestId, status: 202 });
    perform(turn, framework, call);
  }
}

const unknownFramework: Refusal = { status: 400, body: 'Framework cannot be found' };

function reasonToRefuse(framework: Framework, event: SchedulerCall): Refusal | undefined {
  const { principal, stream } = event;
  const { connection, info, id } = framework;
  if (principal !== undefined && principal !== info.principal) {
    const body =
      `Authenticated principal '${principal}' does not match principal ` +
      `'${info.principal ?? ''}' set in \`FrameworkInfo\``;
    return { status: 400, body };
  }
  if (connection.kind === 'none') return { status: 403, body: 'Framework is not subscribed' };
  if (connection.kind === 'pid') {
    return { status: 403, body: 'Framework is not connected via HTTP' };
  }
  if (stream === undefined) {
    const body = "All non-subscribe calls should include the 'Mesos-Stream-Id' header";
    return { status: 400, body };
  }
  if (stream === connection.stream) return undefined;
  const body =
    `The stream ID '${stream}' included in this request didn't match the stream ID currently ` +
    `associated with framework ID ${id}`;
  return { status: 400, body };
}

function countCall(framework: Framework, { type }: scheduler.Call): void {
  countOf(framework, 'calls');
  countOf(framework, `calls/${type?.toLowerCase()}`);
}

function perform(turn: Turn, framework: Framework, call: scheduler.Call): void {
  switch (call.type) {
    case 'TEARDOWN':
      count(turn.state, 'master/messages_unregister_framework');
      return removeFramework(turn, framework);
    case 'ACCEPT':
      return call.accept && accept(turn, framework, call.accept);
    case 'DECLINE':
      return call.decline && decline(turn, framework, call.decline);
    case 'REVIVE':
      return revive(turn, framework, call.revive ?? {});
    case 'SUPPRESS':
      return suppress(turn, framework, call.suppress ?? {});
    case 'KILL':
      return call.kill && kill(turn, framework, call.kill);
    case 'SHUTDOWN':
      return call.shutdown && shutdown(turn, framework, call.shutdown);
    case 'ACKNOWLEDGE':
      return call.acknowledge && acknowledge(turn, framework, call.acknowledge);
    case 'RECONCILE':
      return call.reconcile && reconcile(turn, framework, call.reconcile);
    case 'MESSAGE':
      return call.message && message(turn, framework, call.message);
    case 'REQUEST':
      count(turn.state, 'master/messages_resource_request');
      return allocate(turn, 'requestResources', framework.id, call.request?.requests ?? []);
    case 'ACCEPT_INVERSE_OFFERS':
      return (
        call.acceptInverseOffers && acceptInverseOffers(turn, framework, call.acceptInverseOffers)
      );
    case 'DECLINE_INVERSE_OFFERS':
      return (
        call.declineInverseOffers &&
        declineInverseOffers(turn, framework, call.declineInverseOffers)
      );
    case 'ACKNOWLEDGE_OPERATION_STATUS':
      return (
        call.acknowledgeOperationStatus &&
        acknowledgeOperationStatus(turn, framework, call.acknowledgeOperationStatus)
      );
    case 'RECONCILE_OPERATIONS':
      return (
        call.reconcileOperations && reconcileOperations(turn, framework, call.reconcileOperations)
      );
    default:
      return undefined;
  }
}

/** A driver's call comes as a message: nothing is answered, errors go to the scheduler as such. */
export function driverCall(turn: Turn, event: DriverCall): void {
  const { from, call, principal } = event;
  const invalid = validateSchedulerCall(call, principal);
  if (invalid !== undefined) {
    count(turn.state, 'master/dropped_messages');
    log(turn, 'warn', 'invalid call dropped', { from, call: call.type, reason: invalid });
    return;
  }
  if (call.type === 'SUBSCRIBE') {
    if (call.subscribe) subscribe(turn, event, call.subscribe);
    return;
  }
  const framework = findFramework(turn.state, call.frameworkId);
  if (framework?.pid === from) countCall(framework, call);
  if (!framework || framework.pid !== from) {
    count(turn.state, 'master/dropped_messages');
    log(turn, 'warn', 'call dropped', { from, call: call.type });
  } else if (!isConnected(framework)) {
    send(turn, from, 'FrameworkErrorMessage', { message: 'Framework disconnected' });
  } else if (call.type === 'UPDATE_FRAMEWORK' && call.updateFramework) {
    const { status, body } = updateFrameworkCall(turn, framework, call.updateFramework);
    if (status !== 200) send(turn, from, 'FrameworkErrorMessage', { message: body ?? '' });
  } else if (call.type !== 'ACKNOWLEDGE_OPERATION_STATUS' && call.type !== 'RECONCILE_OPERATIONS') {
    perform(turn, framework, call);
  }
}
