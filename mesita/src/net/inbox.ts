import type { IncomingMessage } from 'node:http';
import { DecodeError } from '../wire/errors.ts';
import { formatPid, isMessage, parseRequestHead } from '../wire/libprocess.ts';
import { type BodyLimits, readBody } from './body.ts';
import type { HttpResponse } from './http.ts';
import { empty, failure } from './responses.ts';
import type { Router } from './router.ts';

interface InboxOptions {
  readonly body: BodyLimits;
  readonly requirePeerAddressMatch: boolean;
}

export function isLibprocessMessage(
  { method = '', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  path: string,
): boolean {
  return isMessage({ method, path, headers });
}

/** Hands a message to its process. One that takes none swallows it, as in Mesos. */
export async function receiveMessage(
  message: IncomingMessage,
  path: string,
  router: Router,
  options: InboxOptions,
): Promise<HttpResponse> {
  const head = parseHead(message, path);
  if (typeof head === 'string') return failure(400, head);
  const { from, to, name } = head;
  if (options.requirePeerAddressMatch && from.ip !== peerAddress(message)) {
    return failure(400, 'UPID IP address validation failed');
  }
  const body = await readBody(message, options.body);
  const process = router.processes.get(to);
  if (!process) return failure(404);
  process.receive?.({ from: formatPid(from.id, from.ip, from.port), name, body });
  return empty(202);
}

function parseHead({ method = '', headers }: IncomingMessage, path: string) {
  try {
    return parseRequestHead({ method, path, headers });
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

function peerAddress(message: IncomingMessage): string | undefined {
  return message.socket.remoteAddress?.replace(/^::ffff:/, '');
}
