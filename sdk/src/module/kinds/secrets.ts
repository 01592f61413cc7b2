import type { Secret } from '../../types/index.ts';
import type { Principal } from './authentication.ts';

/** Turns the reference of a secret into its value. A rejection fails the container's launch. */
export interface SecretResolver {
  resolve(secret: Secret): Uint8Array | Promise<Uint8Array>;
}

/** Makes the token with which an executor proves to its agent who it is. */
export interface SecretGenerator {
  generate(principal: Principal): Secret | Promise<Secret>;
}
