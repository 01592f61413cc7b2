// Frames on a pipe between two Nodes: four bytes of length, then the value as V8 writes it.
import { deserialize, serialize } from 'node:v8';
import type { Frame } from './session.ts';

/** As much as any one call may say. */
export const MAX_FRAME_BYTES = 64 << 20;
const HEADER = 4;

/** Throws when the frame holds what cannot be copied. */
export function writeFrame(frame: Frame): Buffer {
  const value = serialize(frame);
  if (value.length > MAX_FRAME_BYTES) throw new Error(`A message of ${value.length} bytes`);
  const bytes = Buffer.allocUnsafe(HEADER + value.length);
  bytes.writeUInt32LE(value.length);
  value.copy(bytes, HEADER);
  return bytes;
}

/** `broken` is called once, when what comes can be read no further. */
export function createFrameReader(
  receive: (frame: unknown) => void,
  broken: (problem: string) => void,
): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  let isBroken = false;

  function next(): Buffer | undefined {
    if (size < HEADER) return undefined;
    if ((chunks[0] as Buffer).length < HEADER) chunks = [Buffer.concat(chunks)];
    const length = (chunks[0] as Buffer).readUInt32LE();
    if (length > MAX_FRAME_BYTES) {
      isBroken = true;
      broken(`it announces a message of ${length} bytes`);
      return undefined;
    }
    if (size < HEADER + length) return undefined;
    const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    const rest = all.subarray(HEADER + length);
    chunks = rest.length > 0 ? [rest] : [];
    size = rest.length;
    return all.subarray(HEADER, HEADER + length);
  }

  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    for (let bytes = isBroken ? undefined : next(); bytes; bytes = isBroken ? undefined : next()) {
      let frame: unknown;
      try {
        frame = deserialize(bytes);
      } catch {
        isBroken = true;
        broken('it sends what is no message');
        return;
      }
      receive(frame);
    }
  };
}
