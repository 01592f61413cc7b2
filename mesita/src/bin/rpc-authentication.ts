// How agents and scheduler drivers prove over libprocess who they are: CRAM-MD5, or a module.
import type { Logger } from '@mesita/sdk/base';
import type { Authenticator } from '@mesita/sdk/module';
import type { Credential } from '@mesita/sdk/types';
import type { AuthenticationPlan } from '../agent/driver/authentication.ts';
import type { AgentFlags } from '../agent/flags.ts';
import type { MasterFlags } from '../master/flags.ts';
import { createBuiltin } from '../modules/catalog.ts';
import type { DaemonModules } from './modules.ts';

const BUILTIN = 'crammd5';

/** The master's side. Undefined: it cannot start, and nobody must authenticate. */
export async function createAuthenticator(
  flags: MasterFlags,
  credentials: readonly Credential[] | undefined,
  { manager, contextOf }: DaemonModules,
  log: Logger,
): Promise<{ readonly instance: Authenticator; readonly mechanism: string } | undefined> {
  const { authenticators: name } = flags;
  if (name !== BUILTIN && !manager.contains('Authenticator', name)) {
    throw new Error(
      `Authenticator '${name}' not found. Check the spelling (compare to '${BUILTIN}') or ` +
        'verify that the authenticator was loaded successfully (see --modules)',
    );
  }
  const making =
    name === BUILTIN
      ? createBuiltin('Authenticator', name, contextOf)
      : manager.create('Authenticator', name);
  const instance = await making.catch((error: Error) => {
    throw new Error(`Could not create authenticator module '${name}': ${error.message}`);
  });
  try {
    await instance.initialize(credentials);
  } catch (error) {
    const failed = `Failed to initialize authenticator '${name}': ${(error as Error).message}`;
    if (flags.authenticateFrameworks || flags.authenticateAgents) {
      throw new Error(`Failed to start master with authentication enabled: ${failed}`);
    }
    log.warn(
      `Only non-authenticating frameworks and agents are allowed to connect. Authentication is disabled: ${failed}`,
    );
    return undefined;
  }
  return { instance, mechanism: instance.mechanism ?? name };
}

/** The agent's side. Whether there is such an authenticatee is found out when it is needed. */
export function planAuthentication(
  flags: AgentFlags,
  credential: Credential | undefined,
  { manager, contextOf }: DaemonModules,
): AuthenticationPlan | undefined {
  if (!credential) return undefined;
  const { authenticatee: name } = flags;
  const make = () =>
    name === BUILTIN
      ? createBuiltin('Authenticatee', name, contextOf)
      : manager.create('Authenticatee', name);
  let made: ReturnType<typeof make> | undefined;
  return {
    credential,
    timeoutMinMs: flags.authenticationTimeoutMin,
    timeoutMaxMs: flags.authenticationTimeoutMax,
    backoffFactorMs: flags.authenticationBackoffFactor,
    async create() {
      try {
        made ??= make();
        const instance = await made;
        return { instance, mechanism: instance.mechanism ?? name };
      } catch (error) {
        const { message } = error as Error;
        throw new Error(`Could not create authenticatee module '${name}': ${message}`);
      }
    },
  };
}
