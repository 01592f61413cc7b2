import type { Logger } from '@mesita/sdk/base';
import type { ReceivedMessage } from '../../net/http.ts';
import type { MasterEvent } from '../core/events.ts';
import type { Authentication } from './authentication.ts';
import { readMessage } from './inbox.ts';

/** Hears libprocess messages to the process `master`, each as of whom its sender proved to be. */
export function createHearing(
  authentication: Authentication,
  accept: (event: MasterEvent) => void,
  log: Logger,
): (message: ReceivedMessage) => void {
  function hear(message: ReceivedMessage): void {
    const event = readMessage(message, log);
    if (event) accept(withPrincipal(event, authentication.principalOf(message.from)));
  }

  return (message) => {
    if (authentication.take(message)) return;
    // Who is about to prove who it is may speak meanwhile.
    const proof = authentication.pending(message.from);
    if (proof) void proof.then(() => hear(message));
    else hear(message);
  };
}

/** Of the others it does not matter, or is known from their registration. */
function withPrincipal(event: MasterEvent, principal: string | undefined): MasterEvent {
  switch (event.type) {
    case 'RegisterAgent':
    case 'ReregisterAgent':
    case 'DriverCall':
      return { ...event, principal };
    default:
      return event;
  }
}
