import { err, ok, type Result } from '@mesita/sdk/base';

/** Files of protobuf messages: a length of four bytes, little-endian, then the message; repeated. */
const PREFIX_BYTES = 4;

/** No checkpoint comes near; a larger length is damage. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;

interface Records {
  readonly records: readonly Uint8Array[];
  /** Where the last whole record ends. */
  readonly length: number;
}

export function frameRecord(message: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed.writeUInt32LE(message.length, 0);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/**
 * Splits a file into its records. A crash can leave the last one short: with `ignorePartial` it is
 * left out, otherwise it is the error.
 */
export function parseRecords(
  bytes: Uint8Array,
  { ignorePartial = false }: { readonly ignorePartial?: boolean } = {},
): Result<Records> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  let at = 0;
  while (at < view.length) {
    const end = at + PREFIX_BYTES + (view.length - at < PREFIX_BYTES ? 0 : view.readUInt32LE(at));
    if (end - at > MAX_RECORD_BYTES) return err(`record at byte ${at} is too large: damaged file`);
    if (end > view.length) {
      if (ignorePartial) break;
      return err(`record at byte ${at} is cut short`);
    }
    records.push(view.subarray(at + PREFIX_BYTES, end));
    at = end;
  }
  return ok({ records, length: at });
}
