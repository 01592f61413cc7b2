import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { DecodeError } from '../wire/errors.ts';
import { formatPid, isMessage, parseRequestHead } from '../wire/libprocess.ts';
import type { Delivery } from '../wire/libprocess-stream.ts';
import { type BodyLimits, readBody } from './body.ts';
import type { HttpResponse } from './http.ts';
import { empty, failure } from './responses.ts';
import type { Router } from './router.ts';

/** Where messages go. */
export interface Inbox {
  readonly router: Router;
  /** The sender must name the address that its connection comes from. */
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
  inbox: Inbox,
  limits: BodyLimits,
): Promise<HttpResponse> {
  const head = parseHead(message, path);
  if (typeof head === 'string') return failure(400, head);
  const { from, to, name } = head;
  if (!mayComeFrom(from, message.socket, inbox)) {
    return failure(400, 'UPID IP address validation failed');
  }
  const body = await readBody(message, limits);
  const process = inbox.router.processes.get(to);
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

/** As `receiveMessage`, of one that was read already; false where that would answer an error. */
export function deliver({ ip, to, ...message }: Delivery, socket: Socket, inbox: Inbox): boolean {
  const process = inbox.router.processes.get(to);
  if (!process || !mayComeFrom({ ip }, socket, inbox)) return false;
  process.receive?.(message);
  return true;
}

function mayComeFrom({ ip }: { readonly ip: string }, socket: Socket, inbox: Inbox): boolean {
  return !inbox.requirePeerAddressMatch || socket.remoteAddress?.replace(/^::ffff:/, '') === ip;
}
