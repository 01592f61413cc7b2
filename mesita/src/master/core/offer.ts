import type { AgentId, FrameworkId, Instant, OfferId } from '@mesita/sdk/base';
import type { UnavailableResources } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { InverseOffer, Offer } from '@mesita/sdk/types';

/** An outstanding offer. `offer` is what the framework was sent. */
export interface OfferRecord {
  readonly id: OfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly role: string;
  /** With allocation, whatever format `offer` has. */
  readonly resources: Resources;
  readonly offer: Offer;
  readonly madeAt: Instant;
}

export interface InverseOfferRecord {
  readonly id: OfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly unavailable: UnavailableResources;
  readonly offer: InverseOffer;
}
