import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';

/** The role everybody may use; resources of it are unreserved. */
export const UNRESERVED_ROLE = '*';

// Tab to carriage return, blank, delete: what Mesos refuses inside a role.
const FORBIDDEN = /[\t-\r \x7f]/;

/** The reason why `role` is not a role name, in Mesos' words; undefined when it is one. */
export function validateRole(role: string): string | undefined {
  if (role === UNRESERVED_ROLE) return undefined;
  if (role === '') return 'Role names cannot be the empty string';
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`;
  if (role.includes('//')) return `Role '${role}' cannot contain two adjacent slashes`;
  for (const component of role.split('/')) {
    if (component === '.' || component === '..' || component === UNRESERVED_ROLE) {
      return `Role '${role}' cannot include '${component}' as a component`;
    }
    if (component.startsWith('-'))
      return `Role component '${component}' is invalid because it starts with a dash`;
    if (FORBIDDEN.test(component)) {
      return `Role component '${component}' is invalid because it contains backspace or whitespace`;
    }
  }
  return undefined;
}

export function validateRoles(roles: Iterable<string>): string | undefined {
  for (const role of roles) {
    const error = validateRole(role);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** A comma-separated list, as in `--roles`; empty entries are skipped. */
export function parseRoles(text: string): Result<string[]> {
  const roles = text.split(',').filter((role) => role !== '');
  const error = validateRoles(roles);
  return error === undefined ? ok(roles) : err(error);
}

/** Parents from the nearest to the top: `a/b/c` gives `a/b`, `a`. */
export function roleAncestors(role: string): string[] {
  const ancestors: string[] = [];
  for (
    let end = role.lastIndexOf('/');
    end >= 0;
    end = end === 0 ? -1 : role.lastIndexOf('/', end - 1)
  ) {
    ancestors.push(role.slice(0, end));
  }
  return ancestors;
}

/** Whether `left` lies below `right` in the tree; a role is not below itself. */
export function isStrictSubroleOf(left: string, right: string): boolean {
  return left.length > right.length && left[right.length] === '/' && left.startsWith(right);
}

export function isInRoleSubtree(role: string, root: string): boolean {
  return role === root || isStrictSubroleOf(role, root);
}
