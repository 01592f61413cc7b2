// Who may do what: the authorizer that a daemon's flags name.
import type { Logger } from '@mesita/sdk/base';
import type { Authorizer } from '@mesita/sdk/module';
import { createBuiltin } from '../modules/catalog.ts';
import { type Authorization, allowEverything, createAuthorization } from '../net/authorization.ts';
import { stringify } from '../wire/json.ts';
import * as schema from '../wire/schema/acls.ts';
import type { ACLs } from '../wire/types/acls.ts';
import type { DaemonModules } from './modules.ts';

/** `local` without rules is none at all: everything is allowed. */
export async function createDaemonAuthorization(
  name: string,
  acls: ACLs | undefined,
  modules: DaemonModules,
  log: Logger,
): Promise<Authorization> {
  if (name === 'local' && acls === undefined) return allowEverything;
  if (name !== 'local' && acls !== undefined) {
    log.warn('--acls is ignored, for another authorizer was chosen', { authorizer: name });
  }
  try {
    return createAuthorization(await createAuthorizer(name, acls ?? {}, modules), log);
  } catch (error) {
    throw new Error(`Could not create '${name}' authorizer: ${(error as Error).message}`);
  }
}

function createAuthorizer(
  name: string,
  acls: ACLs,
  { manager, contextOf }: DaemonModules,
): Promise<Authorizer> {
  return name === 'local'
    ? createBuiltin('Authorizer', name, contextOf, { acls: stringify(schema.ACLs, acls) })
    : manager.create('Authorizer', name);
}
