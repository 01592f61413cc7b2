import { createHmac } from 'node:crypto';

export const MECHANISM = 'CRAM-MD5';

/** What proves knowledge of the secret to who made the challenge. */
export function digestOf(secret: string, challenge: Uint8Array): string {
  return createHmac('md5', secret).update(challenge).digest('hex');
}
