import type { Random } from '@mesita/sdk/base';

/** A fresh version 4 UUID as the 16 bytes messages carry. */
export function uuidBytes(random: Random): Uint8Array {
  const digits = random.uuid().replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}

/** Bytes as text that can be compared and logged. */
export function uuidText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Sixteen bytes with one of the versions of RFC 4122: all that Mesos takes for a UUID. */
export function isKnownUuid(bytes: Uint8Array): boolean {
  const version = (bytes[6] ?? 0) >> 4;
  return bytes.length === 16 && version >= 1 && version <= 5;
}
