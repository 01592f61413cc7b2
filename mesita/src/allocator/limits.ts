import type { Logger } from '@mesita/sdk/base';
import type { QuotaPolicy, QuotaRole } from '@mesita/sdk/module';
import { ask } from './parts.ts';
import type { ResourceNames } from './quantities.ts';
import type { Role } from './role-tree.ts';

/** How much more a role may be offered. */
export interface Limits {
  /** Whether there is anything to ask. */
  concern(role: Role): boolean;
  /** What is left of a name; infinity without a limit. */
  left(role: Role, name: number): number;
  /** A bit for each name of which something may be left. */
  openMask(role: Role): number;
}

/** Mesos' way: a role's own quota counts, not that of the roles above it. */
export const ownLimits: Limits = {
  concern: ({ quota }) => quota.hasLimits,
  left: (role, name) => role.quota.limitOf(name) - role.consumed(name),
  openMask: ({ openMask }) => openMask,
};

export const nestedLimits: Limits = {
  concern(role) {
    for (let node: Role | undefined = role; node !== undefined; node = node.parent)
      if (node.quota.hasLimits) return true;
    return false;
  },
  left(role, name) {
    let left = Number.POSITIVE_INFINITY;
    for (let node: Role | undefined = role; node !== undefined; node = node.parent)
      left = Math.min(left, ownLimits.left(node, name));
    return left;
  },
  openMask(role) {
    let mask = role.openMask;
    for (let node = role.parent; node !== undefined; node = node.parent) mask &= node.openMask;
    return mask;
  },
};

export function limitsOf(policy: QuotaPolicy, names: ResourceNames, log: Logger): Limits {
  const roleOf = (role: Role): QuotaRole => ({
    path: role.path,
    get parent() {
      return role.isTopLevel || role.parent === undefined ? undefined : roleOf(role.parent);
    },
    quota: role.quota.source,
    consumed: (name) => role.consumed(names.indexOf(name)),
  });
  return {
    concern: () => true,
    left: (role, name) =>
      ask(log, 'QuotaPolicy', () => policy.left(roleOf(role), names.nameOf(name))) ??
      ownLimits.left(role, name),
    openMask: () => -1,
  };
}
