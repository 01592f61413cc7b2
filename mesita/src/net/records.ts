/** A record above this is an attack or a bug, never an event. */
export const MAX_RECORD_BYTES = 256 * 1024 * 1024;

export interface RecordReader {
  /** The records that this chunk completes. Throws on a header that is no number, for good. */
  push(chunk: Uint8Array): Uint8Array[];
  readonly isAtBoundary: boolean;
}

/** RecordIO of a stream: a decimal length, a line feed, that many bytes. */
export function createRecordReader(maxBytes: number): RecordReader {
  let parts: Uint8Array[] = [];
  let header = '';
  let missing: number | undefined;

  function* read(chunk: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < chunk.length) {
      if (missing === undefined) {
        const byte = chunk[at++]!;
        if (byte !== 10) {
          if (byte < 48 || byte > 57 || header.length > 15) throw new Error('bad record length');
          header += String.fromCharCode(byte);
          continue;
        }
        missing = Number(header);
        if (header === '' || missing > maxBytes) throw new Error('bad record length');
        header = '';
      }
      const part = chunk.subarray(at, at + missing);
      parts.push(part);
      at += part.length;
      missing -= part.length;
      if (missing > 0) return;
      yield parts.length === 1 ? part : Buffer.concat(parts);
      parts = [];
      missing = undefined;
    }
  }

  return {
    push: (chunk) => [...read(chunk)],
    get isAtBoundary() {
      return missing === undefined && header === '';
    },
  };
}
