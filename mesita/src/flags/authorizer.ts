import type { ACLs } from '../wire/types/acls.ts';
import { validateAcls } from '../wire/validation/acls.ts';

/** Of `--authorizers`, `--authorizer` and `--acls`: what is wrong, or undefined. */
export function checkAuthorizer(
  name: string,
  acls: ACLs | undefined,
  hasModules: boolean,
): string | undefined {
  const failed = `Could not create '${name}' authorizer: `;
  // With modules, only loading them tells.
  if (name !== 'local') return hasModules ? undefined : `${failed}Module '${name}' unknown`;
  const invalid = acls && validateAcls(acls);
  return invalid === undefined ? undefined : failed + invalid;
}
