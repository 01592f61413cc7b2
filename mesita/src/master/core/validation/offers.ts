import type { OfferID } from '@mesita/sdk/types';

/** What the books know of an outstanding offer or inverse offer. */
export interface KnownOffer {
  readonly frameworkId: string;
  readonly agentId: string;
  /** Inverse offers have none. */
  readonly role?: string;
}

type Find = (offerId: string) => KnownOffer | undefined;

/** Why offers can't be accepted together. `find` knows the outstanding offers. */
export function validateOffers(
  ids: readonly OfferID[],
  frameworkId: string,
  find: Find,
): string | undefined {
  if (ids.length === 0) return 'No offers specified';
  return (
    validateUnique(ids) ??
    validateOutstanding(ids, find, 'Offer') ??
    validateFramework(ids, frameworkId, find) ??
    validateRole(ids, find) ??
    validateAgent(ids, find)
  );
}

/** Why inverse offers can't be answered together. `find` knows the outstanding inverse offers. */
export function validateInverseOffers(
  ids: readonly OfferID[],
  frameworkId: string,
  find: Find,
): string | undefined {
  return (
    validateUnique(ids) ??
    validateOutstanding(ids, find, 'Inverse offer') ??
    validateFramework(ids, frameworkId, find) ??
    validateAgent(ids, find)
  );
}

function validateUnique(ids: readonly OfferID[]): string | undefined {
  const seen = new Set<string>();
  for (const { value } of ids) {
    if (seen.has(value)) return `Duplicate offer ${value} in offer list`;
    seen.add(value);
  }
  return undefined;
}

function validateOutstanding(
  ids: readonly OfferID[],
  find: Find,
  what: string,
): string | undefined {
  const gone = ids.find(({ value }) => find(value) === undefined);
  return gone === undefined ? undefined : `${what} ${gone.value} is no longer valid`;
}

function validateFramework(
  ids: readonly OfferID[],
  frameworkId: string,
  find: Find,
): string | undefined {
  for (const { value } of ids) {
    const owner = find(value)?.frameworkId;
    if (owner !== frameworkId) {
      return `Offer ${value} has invalid framework ${owner} while framework ${frameworkId} is expected`;
    }
  }
  return undefined;
}

function validateRole(ids: readonly OfferID[], find: Find): string | undefined {
  const first = find(ids[0]?.value ?? '')?.role;
  for (const { value } of ids) {
    const role = find(value)?.role;
    if (role !== first) {
      // The quotes are Mesos'.
      return `Aggregated offers must be allocated to the same role. Offer ${value} uses role '${role} but another is using role '${first}`;
    }
  }
  return undefined;
}

function validateAgent(ids: readonly OfferID[], find: Find): string | undefined {
  const first = find(ids[0]?.value ?? '')?.agentId;
  for (const { value } of ids) {
    const agent = find(value)?.agentId;
    if (agent !== first) {
      return `Aggregated offers must belong to one single agent. Offer ${value} uses agent ${agent} and agent ${first}`;
    }
  }
  return undefined;
}
