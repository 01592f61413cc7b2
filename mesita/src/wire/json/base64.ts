// Base64 as Mesos reads it: white space between letters is skipped, '=' ends the text.
import { DecodeError } from '../errors.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...letters].map((letter, i) => [letter.charCodeAt(0), i]));

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1], bytes[i + 2]];
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += letters[bits >> 18];
    text += letters[(bits >> 12) & 63];
    text += b === undefined ? '=' : letters[(bits >> 6) & 63];
    text += c === undefined ? '=' : letters[bits & 63];
  }
  return text;
}

export function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let size = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3d) break;
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue;
    const value = values.get(code);
    if (value === undefined) throw new DecodeError(`Invalid character '${text[i]}'`);
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[size++] = bits >> held;
  }
  return bytes.slice(0, size);
}
