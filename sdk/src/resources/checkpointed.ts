import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Resource } from '../types/mesos.ts';
import { withoutVolume } from './conversions.ts';
import { isPersistentVolume } from './disk.ts';
import { formatResource } from './format.ts';
import { isDynamicallyReserved } from './reservations.ts';
import { Resources } from './resources.ts';

/** Made at run time, so an agent must find it again after a restart. */
export function needsCheckpointing(resource: Resource): boolean {
  return isDynamicallyReserved(resource) || isPersistentVolume(resource);
}

/** What an agent configured with `resources` really has, given what was reserved and created before it restarted. */
export function applyCheckpointedResources(
  resources: Resources,
  checkpointed: Resources,
): Result<Resources> {
  let total = resources;
  for (const resource of checkpointed) {
    if (!needsCheckpointing(resource))
      return err(`Unexpected checkpointed resources ${formatResource(resource)}`);
    const configured = Resources.of([withoutDynamicReservations(withoutVolume(resource))]);
    if (!total.contains(configured)) {
      return err(`Incompatible agent resources: ${total} does not contain ${configured}`);
    }
    total = total.subtract(configured).add(Resources.of([resource]));
  }
  return ok(total);
}

function withoutDynamicReservations(resource: Resource): Resource {
  const { reservations = [], ...rest } = resource;
  const kept = reservations.filter(({ type }) => type !== 'DYNAMIC');
  return kept.length === 0 ? rest : { ...rest, reservations: kept };
}
