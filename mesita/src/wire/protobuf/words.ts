// Short words that come again and again, as ids, names and roles do, are one string.

const MAX_LENGTH = 64;
const SLOTS = 4096;

/** The word read last with each hash: plain ASCII, so that its letters are its bytes. */
const words: string[] = new Array(SLOTS).fill('');

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes that are no UTF-8 become U+FFFD: Mesos does not check, and no peer may fail on it. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  const slot = length > MAX_LENGTH ? undefined : slotOf(bytes, start, end);
  if (slot === undefined) return utf8.decode(bytes.subarray(start, end));
  const known = words[slot] as string;
  if (known.length === length && spells(known, bytes, start)) return known;
  const word = utf8.decode(bytes.subarray(start, end));
  words[slot] = word;
  return word;
}

/** Undefined when there are letters beyond ASCII. */
function slotOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  let hash = end - start;
  for (let i = start; i < end; i++) {
    const b = bytes[i] as number;
    if (b >= 0x80) return undefined;
    hash = Math.imul(hash ^ b, 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (SLOTS - 1);
}

function spells(word: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < word.length; i++) {
    if (word.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
