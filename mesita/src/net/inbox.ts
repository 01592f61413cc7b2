import type { IncomingMessage } from 'node:http';
import { type BodyLimits, readBody } from './body.ts';
import type { HttpResponse } from './http.ts';
import { empty, failure } from './responses.ts';
import type { Router } from './router.ts';

export interface InboxOptions {
  readonly body: BodyLimits;
  readonly requirePeerAddressMatch: boolean;
}

const agentPrefix = 'libprocess/';

/** Either header marks a POST as a message. */
export function isLibprocessMessage(message: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return message.method === 'POST' && senderOf(message) !== undefined;
}

function senderOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const from = headers['libprocess-from'];
  if (typeof from === 'string') return from;
  const agent = headers['user-agent'];
  return agent?.startsWith(agentPrefix) ? agent.slice(agentPrefix.length) : undefined;
}

/** Hands a message to its process. A process that takes none swallows it, as in Mesos. */
export async function receiveMessage(
  message: IncomingMessage,
  path: string,
  router: Router,
  options: InboxOptions,
): Promise<HttpResponse> {
  const from = senderOf(message) ?? '';
  const claimed = /^[^@]*@(.+):\d+$/.exec(from)?.[1];
  if (claimed === undefined) return failure(400, 'Failed to parse the sender of the message');
  if (options.requirePeerAddressMatch && claimed !== peerAddress(message)) {
    return failure(400, 'UPID IP address validation failed: Message from another address');
  }
  const found = router.findProcess(path);
  const body = await readBody(message, options.body);
  if (!found) return failure(404);
  found.process.receive?.({ from, name: found.rest, body });
  return empty(202);
}

function peerAddress(message: IncomingMessage): string | undefined {
  return message.socket.remoteAddress?.replace(/^::ffff:/, '');
}
