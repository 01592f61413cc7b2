// RecordIO, the framing of streams: a decimal length, a line feed, that many bytes; repeated.
import { DecodeError } from './errors.ts';

const lineFeed = 0x0a;

/** No record of Mesos is near this; what claims more is an attack or noise. */
const maxRecordBytes = 256 * 1024 * 1024;

/**
 * Length line and body in ONE buffer, to be sent in one write: clients exist that lose a record
 * whose length line arrives in a chunk of its own.
 */
export function encodeRecord(body: Uint8Array): Uint8Array {
  const length = String(body.length);
  const record = new Uint8Array(length.length + 1 + body.length);
  for (let i = 0; i < length.length; i++) record[i] = length.charCodeAt(i);
  record[length.length] = lineFeed;
  record.set(body, length.length + 1);
  return record;
}

interface RecordDecoder {
  /**
   * Takes the next bytes of the stream and gives the records they complete, empty ones too.
   * Records may share the chunk's memory. Throws DecodeError on a header that is no length, and
   * from then on at every call: the stream cannot be taken up again.
   */
  push(chunk: Uint8Array): Uint8Array[];
  /** No record has been begun: the stream may end here. */
  readonly isAtBoundary: boolean;
}

export function createRecordDecoder(maxBytes = maxRecordBytes): RecordDecoder {
  let header = '';
  let body: Pending | undefined;
  let failure: DecodeError | undefined;

  function fail(reason: string): never {
    failure = new DecodeError(reason);
    throw failure;
  }

  function readLength(): number {
    const length = /^[0-9]+$/.test(header) ? Number(header) : undefined;
    if (length === undefined)
      fail(`Failed to decode length '${header}': Failed to convert '${header}' to number`);
    if (length > maxBytes) fail(`Record of ${length} bytes exceeds the limit of ${maxBytes}`);
    header = '';
    return length;
  }

  /** Gives the offset behind the header's bytes in this chunk. */
  function readHeader(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at++] as number;
      if (byte === lineFeed) {
        body = { parts: [], missing: readLength() };
        break;
      }
      header += String.fromCharCode(byte);
      if (header.length > 20) fail(`Failed to decode length '${header}': too long`);
    }
    return at;
  }

  return {
    push(chunk) {
      if (failure) throw failure;
      const records: Uint8Array[] = [];
      let at = 0;
      while (at < chunk.length) {
        if (body === undefined) at = readHeader(chunk, at);
        if (body === undefined) break;
        const part = chunk.subarray(at, at + body.missing);
        at += part.length;
        if (part.length > 0) body.parts.push(part);
        body.missing -= part.length;
        if (body.missing > 0) break;
        records.push(join(body.parts));
        body = undefined;
      }
      return records;
    },
    get isAtBoundary() {
      return body === undefined && header === '';
    },
  };
}

interface Pending {
  readonly parts: Uint8Array[];
  missing: number;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
