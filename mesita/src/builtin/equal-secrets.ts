import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes the same time whatever the two have in common, lengths included. */
export function equalSecrets(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(secret: string | Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest();
}
