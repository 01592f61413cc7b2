// Messages one after another on a connection, as libprocess writes them.

import { DecodeError } from './errors.ts';
import { type IncomingMessage, parseRequestHead } from './libprocess.ts';
import { formatPid } from './pid.ts';

export interface Delivery {
  /** PID of the sender, and its address. */
  readonly from: string;
  readonly ip: string;
  readonly to: string;
  readonly name: string;
  readonly body: Uint8Array;
}

/**
 * What begins there is not complete yet; or is a request of another form, which is for somebody
 * who reads all of HTTP.
 */
type NotTaken = 'partial' | 'other';

interface Taken {
  readonly message: Delivery;
  /** Where the next one begins. */
  readonly end: number;
}

const HEAD =
  /^POST (\/[^ ?#]*) HTTP\/1\.1\r\nUser-Agent: libprocess\/([^\r\n]+)\r\nLibprocess-From: ([^\r\n]+)\r\nConnection: Keep-Alive\r\nHost: [^\r\n]*\r\n(Transfer-Encoding: chunked\r\n)?\r\n$/;
const START = 'POST /';
/** Longer heads are not libprocess'. */
const MAX_HEAD_BYTES = 4096;
/** Eight hexadecimal digits are more than any body has. */
const MAX_SIZE_DIGITS = 8;
const CR = 13;
const LF = 10;
const latin1 = new TextDecoder('latin1');

/**
 * Takes the message that begins at `start`, if it has the one form that libprocess gives it: a
 * head of known lines and a body of one chunk. The body is a view of `bytes`.
 */
export function takeMessage(bytes: Uint8Array, start: number): Taken | NotTaken {
  const headEnd = findHeadEnd(bytes, start);
  if (typeof headEnd === 'string') return headEnd;
  const found = HEAD.exec(latin1.decode(bytes.subarray(start, headEnd)));
  if (!found || found[2] !== found[3]) return 'other';
  const head = parseHead(found[1]!, found[3]!);
  if (!head) return 'other';
  const body = found[4] === undefined ? { bytes: empty, end: headEnd } : takeChunk(bytes, headEnd);
  if (typeof body === 'string') return body;
  const { from, to, name } = head;
  const sender = formatPid(from.id, from.ip, from.port);
  return { message: { from: sender, ip: from.ip, to, name, body: body.bytes }, end: body.end };
}

const empty = new Uint8Array();

/** Just behind the empty line. */
function findHeadEnd(bytes: Uint8Array, start: number): number | NotTaken {
  const limit = Math.min(bytes.length, start + MAX_HEAD_BYTES);
  for (let i = 0; i < START.length && start + i < bytes.length; i++) {
    if (bytes[start + i] !== START.charCodeAt(i)) return 'other';
  }
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < limit; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) return 'other';
    if (bytes[at - 2] === LF) return at + 1;
  }
  return limit < bytes.length ? 'other' : 'partial';
}

/** `<size>\r\n<bytes>\r\n0\r\n\r\n`. */
function takeChunk(
  bytes: Uint8Array,
  start: number,
): { readonly bytes: Uint8Array; readonly end: number } | NotTaken {
  let at = start;
  let size = 0;
  for (; at < bytes.length && bytes[at] !== CR; at++) {
    const digit = hexDigit(bytes[at]!);
    if (digit === undefined || at - start === MAX_SIZE_DIGITS) return 'other';
    size = size * 16 + digit;
  }
  if (size === 0 && at < bytes.length) return 'other';
  const begin = at + 2;
  const end = begin + size;
  const tail = matches(bytes, end, '\r\n0\r\n\r\n');
  if (matches(bytes, at, '\r\n') === 'other' || tail === 'other') return 'other';
  if (tail === 'partial') return 'partial';
  return { bytes: bytes.subarray(begin, end), end: end + 7 };
}

function matches(bytes: Uint8Array, at: number, text: string): 'yes' | NotTaken {
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return 'partial';
    if (byte !== text.charCodeAt(i)) return 'other';
  }
  return 'yes';
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : undefined;
}

function parseHead(path: string, from: string): IncomingMessage | undefined {
  try {
    return parseRequestHead({ method: 'POST', path, headers: { 'libprocess-from': from } });
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
