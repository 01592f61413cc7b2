import type { Logger, Pid } from '@mesita/sdk/base';
import type { ReceivedMessage } from '../../net/http.ts';
import type { Messenger } from '../../net/messenger.ts';
import { DecodeError } from '../../wire/errors.ts';
import {
  decodeReceived,
  encodeMessage,
  type MessageName,
  type MessageOf,
} from '../../wire/messages.ts';
import { withCheckpoint } from '../../wire/v0.ts';
import type { OutgoingMessage } from '../core/effects.ts';
import type { IncomingMessages, MessageEvent } from '../core/events.ts';

const PREFIX = 'mesos.internal.';

/** The messages the core has a handler for; the rest of what agents may get needs drivers. */
const handled: ReadonlySet<string> = new Set<keyof IncomingMessages>([
  'SlaveRegisteredMessage',
  'SlaveReregisteredMessage',
  'PingSlaveMessage',
  'ShutdownMessage',
  'RunTaskMessage',
  'RunTaskGroupMessage',
  'KillTaskMessage',
  'ShutdownExecutorMessage',
  'ShutdownFrameworkMessage',
  'UpdateFrameworkMessage',
  'FrameworkToExecutorMessage',
  'StatusUpdateAcknowledgementMessage',
  'CheckpointResourcesMessage',
  'ApplyOperationMessage',
  'ReconcileOperationsMessage',
  'AcknowledgeOperationStatusMessage',
  'DrainSlaveMessage',
]);

/** The event of a message, or undefined when it is none for the agent or cannot be read. */
export function readMessage(message: ReceivedMessage, log: Logger): MessageEvent | undefined {
  const { from, name, body } = message;
  const type = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '';
  if (!handled.has(type)) {
    log.debug('dropping message that agents do not take', { from, name });
    return undefined;
  }
  try {
    const received = decodeReceived('agent', name, body);
    return received && ({ type, from: from as Pid, message: received.message } as MessageEvent);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    log.warn('dropping message that cannot be read', { from, name, error: error.message });
    return undefined;
  }
}

export function sendMessage(
  messenger: Messenger,
  processId: string,
  to: Pid,
  { name, body }: OutgoingMessage,
): void {
  const full = `${PREFIX}${name}` as MessageName;
  // On the wire an agent says that it keeps checkpoints; the one model inside has no word for it.
  const sent = 'agent' in body ? { ...body, agent: withCheckpoint(body.agent) } : body;
  messenger.send(to, processId, full, encodeMessage(full, sent as MessageOf<typeof full>));
}
