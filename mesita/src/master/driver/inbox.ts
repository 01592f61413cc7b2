import type { FrameworkId, Logger, Pid } from '@mesita/sdk/base';
import type { ReceivedMessage } from '../../net/http.ts';
import { DecodeError } from '../../wire/errors.ts';
import { decodeReceived, type Received } from '../../wire/messages.ts';
import { fromV0Call } from '../../wire/v0.ts';
import type { MasterEvent } from '../core/events.ts';
import { fromOldMessage } from './old-messages.ts';

/**
 * What a libprocess message to the process `master` says. Undefined when it says nothing to us; a
 * body that cannot be read is a log line.
 */
export function readMessage(message: ReceivedMessage, log: Logger): MasterEvent | undefined {
  try {
    const received = decodeReceived('master', message.name, message.body);
    if (!received) {
      log.debug('message ignored', { from: message.from, name: message.name });
      return undefined;
    }
    return toEvent(received, message.from as Pid);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    log.warn('unreadable message', { from: message.from, name: message.name, error });
    return undefined;
  }
}

function toEvent(received: Received<'master'>, from: Pid): MasterEvent | undefined {
  switch (received.name) {
    case 'mesos.internal.RegisterSlaveMessage':
      return { type: 'RegisterAgent', from, message: received.message };
    case 'mesos.internal.ReregisterSlaveMessage':
      return { type: 'ReregisterAgent', from, message: received.message };
    case 'mesos.internal.UpdateSlaveMessage':
      return { type: 'UpdateAgent', from, message: received.message };
    case 'mesos.internal.UnregisterSlaveMessage':
      return { type: 'UnregisterAgent', from, message: received.message };
    case 'mesos.internal.StatusUpdateMessage':
      return { type: 'StatusUpdate', from, message: received.message };
    case 'mesos.internal.ExitedExecutorMessage':
      return { type: 'ExitedExecutor', from, message: received.message };
    case 'mesos.internal.ExecutorToFrameworkMessage':
      return { type: 'ExecutorMessage', from, message: received.message };
    case 'mesos.internal.UpdateOperationStatusMessage':
      return { type: 'UpdateOperationStatus', from, message: received.message };
    case 'mesos.internal.DeactivateFrameworkMessage': {
      const frameworkId = received.message.frameworkId.value as FrameworkId;
      return { type: 'DeactivateFramework', from, frameworkId };
    }
    case 'mesos.scheduler.Call': {
      const { message } = received;
      const force = message.subscribe?.force;
      return { type: 'DriverCall', from, call: fromV0Call(message), force };
    }
    default: {
      const call = fromOldMessage(received);
      return call && { type: 'DriverCall', from, ...call };
    }
  }
}
