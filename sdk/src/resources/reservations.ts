import type { Resource } from '../types/mesos.ts';
import { formatLabels, labelsEqual, labelsKey } from './labels.ts';
import { isStrictSubroleOf, UNRESERVED_ROLE, validateRole } from './roles.ts';

/**
 * Three spellings of one fact.
 * `post`: a stack `reservations`, outermost role first; what Mesita works on.
 * `pre`: `role`, and `reservation` when dynamic; cannot say refinements.
 * `endpoint`: the stack, and the old spelling beside it where it can be said; for readers of JSON.
 */
export type ReservationFormat = 'post' | 'pre' | 'endpoint';

type ReservationInfo = Resource.ReservationInfo;

const NONE: readonly ReservationInfo[] = [];

export function isReserved(resource: Resource, role?: string): boolean {
  return role === undefined
    ? !isUnreserved(resource)
    : !isUnreserved(resource) && reservationRole(resource) === role;
}

export function isUnreserved(resource: Resource): boolean {
  return resource.reservations === undefined || resource.reservations.length === 0;
}

export function isDynamicallyReserved(resource: Resource): boolean {
  return resource.reservations?.[resource.reservations.length - 1]?.type === 'DYNAMIC';
}

export function hasRefinedReservations(resource: Resource): boolean {
  return (resource.reservations?.length ?? 0) > 1;
}

/** The role of the innermost reservation; `*` when there is none. */
export function reservationRole(resource: Resource): string {
  return resource.reservations?.[resource.reservations.length - 1]?.role ?? UNRESERVED_ROLE;
}

/** What makes two stacks the same one, as a text; labels without their order. */
export function reservationsKey(reservations: readonly ReservationInfo[]): unknown {
  return reservations.map(({ type, role, principal, labels }) => [
    type,
    role,
    principal ?? null,
    labelsKey(labels) ?? null,
  ]);
}

/** How many reservations, from the outermost on, two stacks share. */
export function commonReservations(a: Resource, b: Resource): number {
  const left = a.reservations ?? NONE;
  const right = b.reservations ?? NONE;
  let depth = 0;
  while (depth < left.length && depth < right.length) {
    const [one, other] = [left[depth] as ReservationInfo, right[depth] as ReservationInfo];
    const same =
      one.type === other.type && one.role === other.role && one.principal === other.principal;
    if (!same || !labelsEqual(one.labels, other.labels)) break;
    depth++;
  }
  return depth;
}

/** From any spelling to the stack. A reservation of `*` in the old spelling says nothing and is dropped. */
export function toPostRefinement(resource: Resource): Resource {
  const { role, reservation, reservations } = resource;
  // The usual case, and the one that nothing is made for.
  if (role === undefined && reservation === undefined) {
    if (reservations === undefined || reservations.length > 0) return resource;
  }
  const { role: _role, reservation: _reservation, reservations: _reservations, ...rest } = resource;
  if (reservations !== undefined && reservations.length > 0) return { ...rest, reservations };
  if (role === undefined || role === UNRESERVED_ROLE) return rest;
  const type = reservation === undefined ? 'STATIC' : 'DYNAMIC';
  return { ...rest, reservations: [{ ...reservation, type, role }] };
}

/** From the stack to the old spelling; undefined for refined reservations, which it cannot say. */
export function toPreRefinement(resource: Resource): Resource | undefined {
  if (hasRefinedReservations(resource)) return undefined;
  const { reservations, ...rest } = resource;
  return { ...rest, ...oldSpelling(reservations?.[0]) };
}

export function toEndpointFormat(resource: Resource): Resource {
  return hasRefinedReservations(resource)
    ? resource
    : { ...resource, ...oldSpelling(resource.reservations?.[0]) };
}

function oldSpelling(
  reservation: ReservationInfo | undefined,
): Pick<Resource, 'role' | 'reservation'> {
  if (reservation === undefined) return { role: UNRESERVED_ROLE };
  const { role, type, ...rest } = reservation;
  return { role: role ?? '', ...(type === 'DYNAMIC' && { reservation: rest }) };
}

/** The old and the new spelling may stand side by side, but must then say the same. */
export function validateReservations(resource: Resource): string | undefined {
  const stack = resource.reservations ?? NONE;
  return stack.length === 0
    ? validateOldSpelling(resource)
    : (validateStack(stack) ?? validateAgreement(resource, stack));
}

function validateOldSpelling({ role, reservation }: Resource): string | undefined {
  const error = role === undefined ? undefined : validateRole(role);
  if (error !== undefined || reservation === undefined) return error;
  if (reservation.type !== undefined) {
    return "'Resource.ReservationInfo.type' must not be set for the 'Resource.reservation' field";
  }
  if (reservation.role !== undefined) {
    return "'Resource.ReservationInfo.role' must not be set for the 'Resource.reservation' field";
  }
  return (role ?? UNRESERVED_ROLE) === UNRESERVED_ROLE
    ? 'Invalid reservation: role "*" cannot be dynamically reserved'
    : undefined;
}

function validateStack(stack: readonly ReservationInfo[]): string | undefined {
  for (const { type, role } of stack) {
    if (type === undefined)
      return "Invalid reservation: 'Resource.ReservationInfo.type' field must be set.";
    if (role === undefined)
      return "Invalid reservation: 'Resource.ReservationInfo.role' field must be set.";
    const error = validateRole(role);
    if (error !== undefined) return error;
    if (role === UNRESERVED_ROLE) return 'Invalid reservation: role "*" cannot be reserved';
  }
  let ancestor = stack[0]?.role ?? '';
  for (const { type, role = '' } of stack.slice(1)) {
    if (type === 'STATIC')
      return 'Invalid refined reservation: A refined reservation cannot be STATIC';
    if (!isStrictSubroleOf(role, ancestor)) {
      return `Invalid refined reservation: role '${role}' is not a refinement of '${ancestor}'`;
    }
    ancestor = role;
  }
  return undefined;
}

function validateAgreement(
  { role, reservation }: Resource,
  stack: readonly ReservationInfo[],
): string | undefined {
  const bad = (text: string) => `Invalid resource format: ${text} in 'Resource.reservations'`;
  if (stack.length > 1) {
    if (role !== undefined)
      return bad("'Resource.role' must not be set if there is more than one reservation");
    if (reservation !== undefined) {
      return bad("'Resource.reservation' must not be set if there is more than one reservation");
    }
    return undefined;
  }
  const single = stack[0] as ReservationInfo;
  if (role !== undefined && role !== single.role) {
    return bad(`'Resource.role' field with '${role}' does not match the role '${single.role}'`);
  }
  if (single.type === 'UNKNOWN') return "Unsupported 'Resource.ReservationInfo.Type'";
  if (single.type === 'STATIC') {
    if (reservation === undefined) return undefined;
    return bad(
      "'Resource.reservation' must not be set if the single reservation in 'Resource.reservations' is STATIC",
    ).replace(/ in 'Resource.reservations'$/, '');
  }
  if ((role === undefined) !== (reservation === undefined)) {
    return "Invalid resource format: 'Resource.role' and 'Resource.reservation' must either be both set or both not set if the single reservation in 'Resource.reservations' is DYNAMIC";
  }
  if (reservation === undefined) return undefined;
  if (reservation.principal !== single.principal) {
    return bad(
      `'Resource.reservation.principal' field with '${reservation.principal ?? ''}' does not match the principal '${single.principal ?? ''}'`,
    );
  }
  if (!labelsEqual(reservation.labels, single.labels)) {
    return bad(
      `'Resource.reservation.labels' field with '${formatLabels(reservation.labels)}' does not match the labels '${formatLabels(single.labels)}'`,
    );
  }
  return undefined;
}
