// How one process sends a message to another: an HTTP request, whose answer nobody reads.
import { DecodeError } from './errors.ts';
import { type PidParts, parsePid } from './pid.ts';

export { formatAddress, formatPid, type PidParts, parsePid } from './pid.ts';

const agentPrefix = 'libprocess/';
const ascii = new TextEncoder();

interface OutgoingMessage {
  /** PID of the sender. */
  readonly from: string;
  readonly to: Pick<PidParts, 'id' | 'address'>;
  /** Full name of the message's type. */
  readonly name: string;
  readonly body: Uint8Array;
}

/** The whole request in one buffer. A message without content has no body at all. */
export function encodeRequest({ from, to, name, body }: OutgoingMessage): Uint8Array {
  const target = to.id === '' ? `/${name}` : `/${to.id}/${name}`;
  const head =
    `POST ${target} HTTP/1.1\r\n` +
    `User-Agent: ${agentPrefix}${from}\r\n` +
    `Libprocess-From: ${from}\r\n` +
    'Connection: Keep-Alive\r\n' +
    `Host: ${to.address}\r\n`;
  if (body.length === 0) return ascii.encode(`${head}\r\n`);
  const start = ascii.encode(
    `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`,
  );
  const end = '\r\n0\r\n\r\n';
  const request = new Uint8Array(start.length + body.length + end.length);
  request.set(start);
  request.set(body, start.length);
  ascii.encodeInto(end, request.subarray(start.length + body.length));
  return request;
}

interface RequestHead {
  readonly method: string;
  /** Path as it was sent, without a query. */
  readonly path: string;
  /** Names in lower case, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Either header marks a POST as a message. */
export function isMessage(head: RequestHead): boolean {
  return head.method === 'POST' && senderOf(head) !== undefined;
}

export interface IncomingMessage {
  readonly from: PidParts;
  /** Process id of the receiver, decoded. */
  readonly to: string;
  readonly name: string;
}

/** Of a request that `isMessage`. Throws DecodeError on a sender or path that makes no sense. */
export function parseRequestHead(head: RequestHead): IncomingMessage {
  const from = parsePid(senderOf(head)?.trim() ?? '');
  if (!from) throw new DecodeError('Failed to determine sender from request headers');
  const found = /^\/([^/]*)(?:\/(.*))?$/.exec(head.path);
  if (!found) throw new DecodeError("Request URL path must start with '/'");
  return { from, to: decodeId(found[1] ?? ''), name: found[2] ?? '' };
}

function senderOf({ headers }: RequestHead): string | undefined {
  const from = headers['libprocess-from'];
  if (typeof from === 'string') return from;
  const agent = headers['user-agent'];
  if (typeof agent !== 'string' || !agent.startsWith(agentPrefix)) return undefined;
  return agent.slice(agentPrefix.length);
}

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DecodeError('Failed to decode URL path: malformed percent-encoding');
  }
}
