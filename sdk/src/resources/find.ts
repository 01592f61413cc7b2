import type { Resource } from '../types/mesos.ts';
import { isReserved, isUnreserved, reservationRole } from './reservations.ts';
import { Resources } from './resources.ts';

/**
 * The part of `pool` that can serve `targets` whatever their reservations: first what is reserved
 * to the target's role, then what is unreserved, then anything. Undefined when there is not enough.
 */
export function findResources(pool: Resources, targets: Resources): Resources | undefined {
  let total = Resources.empty;
  for (const target of targets) {
    const found = findOne(pool, target);
    if (found === undefined) return undefined;
    total = total.add(found);
  }
  return total;
}

function findOne(pool: Resources, target: Resource): Resources | undefined {
  const isTargetRole = (resource: Resource) => isReserved(resource, reservationRole(target));
  const preferences = [...(isReserved(target) ? [isTargetRole] : []), isUnreserved, () => true];
  let found = Resources.empty;
  let rest = pool;
  let remaining = Resources.of([target]).toUnreserved();
  for (const isPreferred of preferences) {
    for (const resource of rest.filter(isPreferred)) {
      const candidate = Resources.of([resource]);
      const unreserved = candidate.toUnreserved();
      if (unreserved.contains(remaining)) return found.add(reservedAs(remaining, resource));
      if (!remaining.contains(unreserved)) continue;
      found = found.add(candidate);
      rest = rest.subtract(candidate);
      remaining = remaining.subtract(unreserved);
      // One object of each preference is used up at most, as in Mesos.
      break;
    }
  }
  return undefined;
}

function reservedAs(resources: Resources, { reservations }: Resource): Resources {
  if (reservations === undefined) return resources;
  return Resources.of([...resources].map((resource) => ({ ...resource, reservations })));
}
