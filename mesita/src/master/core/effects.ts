import type { AgentId, LogFields, Logger, Pid, StreamId } from '@mesita/sdk/base';
import type { Allocator } from '@mesita/sdk/module';
import type { AgentInfo, Offer, scheduler } from '@mesita/sdk/types';
import type {
  AuthorizationOutcome,
  AvailableConverted,
  RegistryOutcome,
  TimerOutcome,
} from './events.ts';
import type { PeerMessage } from './messages.ts';
import type { OperatorEvent } from './operator-event.ts';
import type { RegistryOperation } from './registry/operation.ts';

/** An open HTTP request, named by whoever posted it. */
export type RequestId = string & { readonly __request?: never };

// An event before its outcome is known: what the performer adds is left out.
type Without<Event, Added extends string> = Event extends unknown ? Omit<Event, Added> : never;

/** To a peer over libprocess; unreliable, in order per peer. `from` is a process of ours. */
interface Send {
  readonly type: 'send';
  readonly to: Pid;
  /** `master`, or an observer: `slave-observer(3)`. */
  readonly from: string;
  readonly message: PeerMessage;
}

/**
 * A process of ours appears or goes, that sends and takes messages by its id: an agent's observer.
 */
interface SpawnProcess {
  readonly type: 'spawnProcess' | 'endProcess';
  readonly id: string;
}

/** Watch a peer: its connection's end comes back as `PeerExited`, once. */
interface Link {
  readonly type: 'link';
  readonly pid: Pid;
}

/**
 * Make a change of the registry durable, then tell. Operations are applied in order; several may
 * share one write. A registry that cannot be written ends the daemon: no event follows.
 */
interface Persist {
  readonly type: 'persist';
  readonly operation: RegistryOperation;
  /** Posted with `mutated`. */
  readonly then: Without<RegistryOutcome, 'mutated'>;
}

/** Replaces the timer of the same id. */
export interface SetTimer {
  readonly type: 'setTimer';
  readonly id: string;
  readonly delayMs: number;
  readonly then: TimerOutcome;
}

/** Nothing happens when there is none. */
export interface CancelTimer {
  readonly type: 'cancelTimer';
  readonly id: string;
}

/** Ask what a principal may do; the answer holds for as long as its subscription. */
interface Authorize {
  readonly type: 'authorize';
  readonly principal: string | undefined;
  /** Posted with `approvers`. */
  readonly then: Without<AuthorizationOutcome, 'approvers'>;
}

/** The allocator's commands: what it takes without an answer, at any time. */
type AllocatorMethod = Exclude<
  {
    [M in keyof Allocator]-?: Allocator[M] extends (...args: never) => infer Answer
      ? // biome-ignore lint/suspicious/noConfusingVoidType: whether a method answers nothing is the question
        void extends Answer
        ? M
        : never
      : never;
  }[keyof Allocator],
  'initialize'
>;

export type AllocatorArguments<M extends AllocatorMethod> = Allocator[M] extends (
  ...args: infer Arguments
) => void
  ? Arguments
  : never;

/** A call of the allocator as data; offers come back as `OffersMade`. */
export type AllocatorCall = {
  [M in AllocatorMethod]: {
    readonly method: M;
    readonly arguments: AllocatorArguments<M>;
  };
}[AllocatorMethod];

interface Allocate {
  readonly type: 'allocator';
  readonly call: AllocatorCall;
}

/** Have the allocator convert what is free of an agent. */
interface ConvertAvailable {
  readonly type: 'convertAvailable';
  readonly agentId: AgentId;
  readonly operation: Offer.Operation;
  /** Posted with `result`. */
  readonly then: Without<AvailableConverted, 'result'>;
}

/** Answer an open request. Dropped when its client is gone. */
export interface Respond {
  readonly type: 'respond';
  readonly requestId: RequestId;
  readonly status: number;
  /** Plain text. */
  readonly body?: string | undefined;
}

/** Answer an open SUBSCRIBE with 200 and a RecordIO stream. */
export interface OpenStream {
  readonly type: 'openStream';
  readonly requestId: RequestId;
  readonly stream: StreamId;
}

/** One record on a stream, encoded in the stream's own media type. Dropped when it is gone. */
interface Publish {
  readonly type: 'publish';
  readonly stream: StreamId;
  readonly event: scheduler.Event;
}

interface CloseStream {
  readonly type: 'closeStream';
  readonly stream: StreamId;
}

/**
 * For the subscribers of the operator API. The message is built by whoever performs this, and only
 * when there are subscribers, each of which sees what it may.
 */
interface PublishOperator {
  readonly type: 'publishOperator';
  readonly event: OperatorEvent;
}

/** Tell hooks of an agent that is no more, after the frameworks were told. */
interface AgentLost {
  readonly type: 'agentLost';
  readonly agent: AgentInfo;
}

interface Log {
  readonly type: 'log';
  readonly level: keyof Logger;
  readonly text: string;
  readonly fields?: LogFields | undefined;
}

/** This master must not go on: it lost its leadership, or its books contradict the registry. */
interface Exit {
  readonly type: 'exit';
  readonly reason: string;
}

export type MasterEffect =
  | Send
  | SpawnProcess
  | Link
  | Persist
  | SetTimer
  | CancelTimer
  | Authorize
  | Allocate
  | ConvertAvailable
  | Respond
  | OpenStream
  | Publish
  | CloseStream
  | PublishOperator
  | AgentLost
  | Log
  | Exit;
