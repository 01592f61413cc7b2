import {
  commonReservations,
  isPersistentVolume,
  isReserved,
  Resources,
  reservationRole,
} from '@mesita/sdk/resources';
import type { authorizer, Offer, Resource } from '@mesita/sdk/types';
import type { Question } from './approvers.ts';

/**
 * All that must be allowed before an operation on resources is done. The old `value` of an object
 * is a role, or the principal that made what is undone.
 */
export function questionsAbout(operation: Offer.Operation): Question[] {
  const { reserve, unreserve, create, destroy, growVolume, shrinkVolume } = operation;
  if (reserve) return aboutReserve(reserve);
  if (unreserve) return aboutUnreserve(unreserve.resources ?? []);
  if (create) return orAnything('CREATE_VOLUME', perRole('CREATE_VOLUME', create.volumes ?? []));
  if (destroy) return orAnything('DESTROY_VOLUME', aboutDestroy(destroy.volumes ?? []));
  const volume = growVolume?.volume ?? shrinkVolume?.volume;
  return volume ? [about('RESIZE_VOLUME', volume, roleOf(volume))] : [];
}

function about(action: authorizer.Action, resource: Resource, value: string): Question {
  return { action, object: { resource, value } };
}

function orAnything(action: authorizer.Action, questions: Question[]): Question[] {
  return questions.length > 0 ? questions : [{ action }];
}

function roleOf(resource: Resource): string {
  return isReserved(resource) ? reservationRole(resource) : '*';
}

/** Resources of one role are alike to authorizers: one of them stands for all. */
function perRole(action: authorizer.Action, resources: readonly Resource[]): Question[] {
  const byRole = new Map<string, Resource>();
  for (const resource of resources) {
    const role = roleOf(resource);
    if (!byRole.has(role)) byRole.set(role, resource);
  }
  return [...byRole].map(([role, resource]) => about(action, resource, role));
}

function aboutUnreserve(resources: readonly Resource[]): Question[] {
  const questions: Question[] = [];
  let isAnybodys = false;
  for (const resource of resources) {
    const reserver = resource.reservations?.at(-1)?.principal;
    if (reserver === undefined) isAnybodys = true;
    else questions.push(about('UNRESERVE_RESOURCES', resource, reserver));
  }
  return isAnybodys ? [...questions, { action: 'UNRESERVE_RESOURCES' }] : questions;
}

function aboutDestroy(volumes: readonly Resource[]): Question[] {
  return volumes
    .filter(isPersistentVolume)
    .map((volume) => about('DESTROY_VOLUME', volume, volume.disk?.persistence?.principal ?? ''));
}

/** With a source, each reservation that goes is asked about, and each that comes. */
function aboutReserve({ source = [], resources = [] }: Offer.Operation.Reserve): Question[] {
  const [from] = source;
  const [to] = resources;
  if (!from || !to) return perRole('RESERVE_RESOURCES', resources);
  const kept = commonReservations(from, to);
  const questions: Question[] = [];
  let stack = from.reservations ?? [];
  const atStack = () => [...Resources.of(source.map((it) => ({ ...it, reservations: stack })))];
  while (stack.length > kept) {
    questions.push(...aboutUnreserve(atStack()));
    stack = stack.slice(0, -1);
  }
  for (const reservation of (to.reservations ?? []).slice(kept)) {
    stack = [...stack, reservation];
    questions.push(...perRole('RESERVE_RESOURCES', atStack()));
  }
  return questions;
}
