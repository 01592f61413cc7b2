// Which messages each kind of process takes, and how their bodies are read.
import type { MessageSchema } from './descriptor.ts';
import { decode, encode } from './protobuf.ts';
import * as internal from './schema/internal.ts';
import * as scheduler from './schema/v0-scheduler.ts';

type Internal = typeof internal;
type InternalName = {
  [K in keyof Internal]: Internal[K] extends MessageSchema<unknown> ? K : never;
}[keyof Internal];
type TypeOf<S> = S extends MessageSchema<infer T> ? T : never;

/** Full name, as it stands in the path of a request. */
export type MessageName =
  | `mesos.internal.${InternalName}`
  | 'mesos.scheduler.Call'
  | 'mesos.scheduler.Event';

export type MessageOf<N extends MessageName> = N extends 'mesos.scheduler.Call'
  ? TypeOf<typeof scheduler.Call>
  : N extends 'mesos.scheduler.Event'
    ? TypeOf<typeof scheduler.Event>
    : N extends `mesos.internal.${infer K extends InternalName}`
      ? TypeOf<Internal[K]>
      : never;

const of = <const K extends InternalName>(...names: K[]) =>
  names.map((name): `mesos.internal.${K}` => `mesos.internal.${name}`);

/** Messages by the process that takes them. What another one gets, it drops. */
export const received = {
  master: [
    'mesos.scheduler.Call' as const,
    ...of(
      'AuthenticateMessage',
      'DeactivateFrameworkMessage',
      'ExecutorToFrameworkMessage',
      'ExitedExecutorMessage',
      'FrameworkToExecutorMessage',
      'KillTaskMessage',
      'LaunchTasksMessage',
      'PongSlaveMessage',
      'ReconcileTasksMessage',
      'RegisterFrameworkMessage',
      'RegisterSlaveMessage',
      'ReregisterFrameworkMessage',
      'ReregisterSlaveMessage',
      'ResourceRequestMessage',
      'ReviveOffersMessage',
      'StatusUpdateAcknowledgementMessage',
      'StatusUpdateMessage',
      'SubmitSchedulerRequest',
      'UnregisterFrameworkMessage',
      'UnregisterSlaveMessage',
      'UpdateOperationStatusMessage',
      'UpdateSlaveMessage',
    ),
  ],
  agent: of(
    'AcknowledgeOperationStatusMessage',
    'ApplyOperationMessage',
    'CheckpointResourcesMessage',
    'DrainSlaveMessage',
    'ExecutorToFrameworkMessage',
    'FrameworkToExecutorMessage',
    'KillTaskMessage',
    'PingSlaveMessage',
    'ReconcileOperationsMessage',
    'RegisterExecutorMessage',
    'ReregisterExecutorMessage',
    'RunTaskGroupMessage',
    'RunTaskMessage',
    'ShutdownExecutorMessage',
    'ShutdownFrameworkMessage',
    'ShutdownMessage',
    'SlaveRegisteredMessage',
    'SlaveReregisteredMessage',
    'StatusUpdateAcknowledgementMessage',
    'StatusUpdateMessage',
    'UpdateFrameworkMessage',
  ),
  schedulerDriver: [
    'mesos.scheduler.Event' as const,
    ...of(
      'ExecutorToFrameworkMessage',
      'ExitedExecutorMessage',
      'FrameworkErrorMessage',
      'FrameworkRegisteredMessage',
      'FrameworkReregisteredMessage',
      'LostSlaveMessage',
      'RescindResourceOfferMessage',
      'ResourceOffersMessage',
      'StatusUpdateMessage',
    ),
  ],
  executorDriver: of(
    'ExecutorRegisteredMessage',
    'ExecutorReregisteredMessage',
    'FrameworkToExecutorMessage',
    'KillTaskMessage',
    'ReconnectExecutorMessage',
    'RunTaskMessage',
    'ShutdownExecutorMessage',
    'StatusUpdateAcknowledgementMessage',
  ),
  authenticatee: of(
    'AuthenticationCompletedMessage',
    'AuthenticationErrorMessage',
    'AuthenticationFailedMessage',
    'AuthenticationMechanismsMessage',
    'AuthenticationStepMessage',
  ),
  authenticatorSession: of('AuthenticationStartMessage', 'AuthenticationStepMessage'),
  agentObserver: of('PongSlaveMessage'),
};

export type Receiver = keyof typeof received;
type ReceivedName<R extends Receiver> = (typeof received)[R][number];

/** A message with its name, so that a `switch` over the name knows the type. */
export type Received<R extends Receiver> = {
  [N in ReceivedName<R>]: { readonly name: N; readonly message: MessageOf<N> };
}[ReceivedName<R>];

const schemas = new Map<string, MessageSchema<unknown>>();
for (const schema of [scheduler.Call, scheduler.Event, ...Object.values(internal)])
  if (schema.kind === 'message') schemas.set(schema.name, schema);

const accepted = new Map<Receiver, ReadonlySet<string>>(
  Object.entries(received).map(([receiver, names]) => [receiver as Receiver, new Set(names)]),
);

/**
 * Reads a body that came for `receiver`. Undefined when it takes no message of this name. Throws
 * DecodeError when the body is not one.
 */
export function decodeReceived<R extends Receiver>(
  receiver: R,
  name: string,
  body: Uint8Array,
): Received<R> | undefined {
  if (!accepted.get(receiver)?.has(name)) return undefined;
  return { name, message: decode(schemaOf(name as MessageName), body) } as Received<R>;
}

export function decodeMessage<N extends MessageName>(name: N, body: Uint8Array): MessageOf<N> {
  return decode(schemaOf(name), body) as MessageOf<N>;
}

export function encodeMessage<N extends MessageName>(name: N, message: MessageOf<N>): Uint8Array {
  return encode(schemaOf(name), message);
}

function schemaOf(name: MessageName): MessageSchema<unknown> {
  return schemas.get(name) as MessageSchema<unknown>;
}
