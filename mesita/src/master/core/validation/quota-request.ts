import { Resources, validateRole } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import type { QuotaRequest } from '@mesita/sdk/types/quota';
import { firstError, prefixed } from './first-error.ts';

/** Rules for the old form of a quota: resources that are guarantee and limit at once. */
export function validateQuotaRequest({ role = '', guarantee = [] }: QuotaRequest) {
  const names = new Set<string>();
  return (
    prefixed('QuotaInfo with invalid role', validateRole(role)) ??
    prefixed('QuotaInfo with invalid resource', Resources.validate(guarantee)) ??
    (guarantee.length === 0 ? "QuotaInfo with empty 'guarantee'" : undefined) ??
    firstError(guarantee, (resource) => irrelevant(resource) ?? repeated(resource, names))
  );
}

function irrelevant({ reservations = [], disk, revocable, type }: Resource): string | undefined {
  if (reservations.length > 0) return 'QuotaInfo must not contain any ReservationInfo';
  if (disk) return 'QuotaInfo must not contain DiskInfo';
  if (revocable) return 'QuotaInfo must not contain RevocableInfo';
  return type === 'SCALAR' ? undefined : 'QuotaInfo must not include non-scalar resources';
}

function repeated({ name }: Resource, names: Set<string>): string | undefined {
  if (names.has(name)) return `QuotaInfo contains duplicate resource name '${name}'`;
  names.add(name);
  return undefined;
}
