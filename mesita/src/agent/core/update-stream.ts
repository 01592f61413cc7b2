import type { FrameworkId, TaskId } from '@mesita/sdk/base';
import type { StatusUpdate } from '../../wire/types/internal.ts';
import type { RunRef } from './run-ref.ts';
import type { AgentState } from './state.ts';
import { writable, writableMap } from './writable.ts';

const MAX_REMEMBERED_UPDATES = 1000;

/** The updates of one task on their way to its scheduler: one in flight, the others behind it. */
export interface UpdateStream {
  readonly key: string;
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Where its records go on disk; undefined when its framework does not checkpoint. */
  readonly run: RunRef | undefined;
  /** Durable, not acknowledged; the first one is in flight. */
  readonly pending: readonly StatusUpdate[];
  /** Text of the uuid of every update that came in: a second one of the same is not new. */
  readonly received: ReadonlySet<string>;
  /** Delay before the first pending update is sent again. */
  retryMs: number;
}

export function addStream(
  state: AgentState,
  facts: Pick<UpdateStream, 'frameworkId' | 'taskId' | 'run'>,
): UpdateStream {
  const key = streamKey(facts.frameworkId, facts.taskId);
  const stream: UpdateStream = { ...facts, key, pending: [], received: new Set(), retryMs: 0 };
  writableMap(state.streams).set(key, stream);
  return stream;
}

export function removeStream(state: AgentState, stream: UpdateStream): void {
  writableMap(state.streams).delete(stream.key);
}

/** Executors repeat only what they were not told is safe: the newest ones suffice. */
export function noteReceived(stream: UpdateStream, uuid: string): void {
  const received = stream.received as Set<string>;
  received.add(uuid);
  if (received.size <= MAX_REMEMBERED_UPDATES) return;
  const [oldest = ''] = received;
  received.delete(oldest);
}

export function pushPending(stream: UpdateStream, update: StatusUpdate): void {
  writable(stream.pending).push(update);
}

export function shiftPending(stream: UpdateStream): StatusUpdate | undefined {
  return writable(stream.pending).shift();
}

export function streamKey(framework: FrameworkId, task: TaskId): string {
  return `${framework}/${task}`;
}
