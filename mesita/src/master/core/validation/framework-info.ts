import { validateRole } from '@mesita/sdk/resources';
import type { FrameworkInfo, OfferFilters, scheduler } from '@mesita/sdk/types';
import { validateId } from '../../../wire/validation/ids.ts';
import { validateScalarInput } from '../../../wire/validation/scalar-input.ts';

// What 64 bits of nanoseconds can say.
const MAX_SECONDS = 2 ** 63 / 1e9;

/** Why a framework may not subscribe as it says. */
export function validateFrameworkInfo(info: FrameworkInfo): string | undefined {
  return (
    validateRoles(info) ??
    (info.id?.value ? validateId(info.id.value) : undefined) ??
    validateOfferFilters(info) ??
    validateFailoverTimeout(info.failoverTimeout ?? 0)
  );
}

function validateRoles({ capabilities = [], role, roles = [] }: FrameworkInfo): string | undefined {
  if (!capabilities.some(({ type }) => type === 'MULTI_ROLE')) {
    if (roles.length > 0) {
      return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
    }
    const error = validateRole(role ?? '*');
    return error === undefined ? undefined : `'FrameworkInfo.role' is not a valid role: ${error}`;
  }
  if (role !== undefined)
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  const duplicates = new Set(roles.filter((name, index) => roles.indexOf(name) < index));
  if (duplicates.size > 0) {
    return `'FrameworkInfo.roles' contains duplicate items: ${braced([...duplicates].reverse())}`;
  }
  for (const name of roles) {
    const error = validateRole(name);
    if (error !== undefined) return `'FrameworkInfo.roles' contains invalid role: ${error}`;
  }
  return undefined;
}

function validateOfferFilters({ offerFilters = {} }: FrameworkInfo): string | undefined {
  for (const { minAllocatableResources } of Object.values(offerFilters)) {
    for (const quantities of minAllocatableResources?.quantities ?? []) {
      const error = validateQuantities(quantities);
      if (error !== undefined) return error;
    }
  }
  return undefined;
}

function validateQuantities({
  quantities = {},
}: OfferFilters.ResourceQuantities): string | undefined {
  const entries = Object.entries(quantities);
  if (entries.length === 0) return 'Resource quantities must contain at least one quantity';
  for (const [name, { value }] of entries) {
    const error = validateScalarInput(value);
    if (error !== undefined) return `Invalid resource quantity for '${name}': ${error}`;
  }
  return undefined;
}

function validateFailoverTimeout(seconds: number): string | undefined {
  if (Math.abs(seconds) < MAX_SECONDS) return undefined;
  const shown = Number.isNaN(seconds) ? 'nan' : String(seconds).replace('Infinity', 'inf');
  return `The framework failover_timeout (${shown}) is invalid`;
}

/** What UPDATE_FRAMEWORK may not change. */
export function validateFrameworkUpdate(
  known: FrameworkInfo,
  wanted: FrameworkInfo,
): string | undefined {
  if (known.principal !== wanted.principal) return "Changing framework's principal is not allowed.";
  if (known.user !== wanted.user) return unsupportedUpdate('user', known.user, wanted.user);
  const [before, after] = [known.checkpoint ?? false, wanted.checkpoint ?? false];
  return before === after
    ? undefined
    : unsupportedUpdate('checkpoint', String(before), String(after));
}

function unsupportedUpdate(field: string, from: string, to: string): string {
  return `Updating 'FrameworkInfo.${field}' is unsupported; attempted to update from '${from}' to '${to}'`;
}

export function validateSuppressedRoles(
  roles: ReadonlySet<string>,
  suppressed: Iterable<string>,
): string | undefined {
  const foreign = [...new Set(suppressed)].filter((role) => !roles.has(role)).sort();
  if (foreign.length === 0) return undefined;
  return `Suppressed roles ${braced(foreign)} are not contained in the set of roles`;
}

export function validateOfferConstraintsRoles(
  roles: ReadonlySet<string>,
  constraints: scheduler.OfferConstraints,
): string | undefined {
  const foreign = Object.keys(constraints.roleConstraints ?? {}).find((role) => !roles.has(role));
  // The missing blank is Mesos'.
  return foreign === undefined
    ? undefined
    : `Offer constraints specify \`role_constraints\` for a role '${foreign}'not contained in the set of roles`;
}

function braced(names: readonly string[]): string {
  return `{ ${names.join(', ')} }`;
}
