import type { OfferId } from '@mesita/sdk/base';
import type { Filters } from '@mesita/sdk/types';
import { deleteInverseOffer, deleteOffer } from './books.ts';
import { countOf } from './framework.ts';
import { tellRescind, tellRescindInverse } from './framework-events.ts';
import type { InverseOfferRecord, OfferRecord } from './offer.ts';
import { allocate, type Turn } from './turn.ts';

export function offerTimer(id: OfferId): string {
  return `offer ${id}`;
}

/** Takes an offer back: its framework is told. */
export function rescindOffer(turn: Turn, record: OfferRecord, filters?: Filters): void {
  const framework = turn.state.frameworks.registered.get(record.frameworkId);
  if (framework) {
    tellRescind(turn, framework, { value: record.id });
    countOf(framework, 'offers/rescinded');
  }
  discardOffer(turn, record, filters);
}

/** The offer ends without a word; what it held may be offered again. */
export function discardOffer(turn: Turn, record: OfferRecord, filters?: Filters): void {
  const { frameworkId, agentId, resources } = record;
  allocate(turn, 'recoverResources', frameworkId, agentId, resources, filters, false);
  removeOffer(turn, record);
}

/** Off the books only; the caller answers for the resources. */
export function removeOffer(turn: Turn, record: OfferRecord): void {
  deleteOffer(turn.state, record);
  if (turn.config.offerTimeoutMs !== undefined) {
    turn.emit({ type: 'cancelTimer', id: offerTimer(record.id) });
  }
}

export function withdrawInverseOffer(
  turn: Turn,
  record: InverseOfferRecord,
  isRescinded: boolean,
): void {
  const { agentId, frameworkId, unavailable } = record;
  allocate(turn, 'updateInverseOffer', agentId, frameworkId, unavailable, undefined, undefined);
  removeInverseOffer(turn, record, isRescinded);
}

export function removeInverseOffer(
  turn: Turn,
  record: InverseOfferRecord,
  isRescinded: boolean,
): void {
  const framework = turn.state.frameworks.registered.get(record.frameworkId);
  if (framework && isRescinded) tellRescindInverse(turn, framework, { value: record.id });
  deleteInverseOffer(turn.state, record.id);
  if (turn.config.offerTimeoutMs !== undefined) {
    turn.emit({ type: 'cancelTimer', id: offerTimer(record.id) });
  }
}

/** Outstanding offers among `ids`, safe to walk while they are removed. */
export function offersAmong(turn: Turn, ids: Iterable<OfferId>): OfferRecord[] {
  return [...ids].flatMap((id) => turn.state.offers.get(id) ?? []);
}

export function inverseOffersAmong(turn: Turn, ids: Iterable<OfferId>): InverseOfferRecord[] {
  return [...ids].flatMap((id) => turn.state.inverseOffers.get(id) ?? []);
}
