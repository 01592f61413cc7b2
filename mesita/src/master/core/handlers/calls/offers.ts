import type { OfferId } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
import { countOf, type Framework } from '../../framework.ts';
import type { InverseOfferRecord } from '../../offer.ts';
import { discardOffer, removeInverseOffer } from '../../offer-life.ts';
import { count } from '../../state.ts';
import { allocate, log, type Turn } from '../../turn.ts';

export function decline(
  turn: Turn,
  framework: Framework,
  { offerIds = [], filters = {} }: scheduler.Call.Decline,
): void {
  count(turn.state, 'master/messages_decline_offers');
  for (const { value } of offerIds) {
    const offer = turn.state.offers.get(value as OfferId);
    // Another framework's offer is as unknown as one that was rescinded.
    if (offer?.frameworkId === framework.id) {
      discardOffer(turn, offer, filters);
      countOf(framework, 'offers/declined');
    } else log(turn, 'warn', 'DECLINE of an offer that is no longer valid', { offerId: value });
  }
}

export function acceptInverseOffers(
  turn: Turn,
  framework: Framework,
  { inverseOfferIds, filters = {} }: scheduler.Call.AcceptInverseOffers,
): void {
  answerInverse(turn, framework, inverseOfferIds, filters, 'ACCEPT');
}

export function declineInverseOffers(
  turn: Turn,
  framework: Framework,
  { inverseOfferIds, filters = {} }: scheduler.Call.DeclineInverseOffers,
): void {
  answerInverse(turn, framework, inverseOfferIds, filters, 'DECLINE');
}

function answerInverse(
  turn: Turn,
  framework: Framework,
  ids: scheduler.Call.AcceptInverseOffers['inverseOfferIds'],
  filters: NonNullable<scheduler.Call.AcceptInverseOffers['filters']>,
  status: 'ACCEPT' | 'DECLINE',
): void {
  for (const { value } of ids ?? []) {
    const record: InverseOfferRecord | undefined = turn.state.inverseOffers.get(value as OfferId);
    if (record?.frameworkId !== framework.id) {
      log(turn, 'warn', 'answer to an inverse offer that is no longer valid', { offerId: value });
      continue;
    }
    const { agentId, frameworkId, unavailable } = record;
    allocate(
      turn,
      'updateInverseOffer',
      agentId,
      frameworkId,
      unavailable,
      { status, framework: frameworkId, timestampMs: turn.now },
      filters,
    );
    removeInverseOffer(turn, record, false);
  }
}
