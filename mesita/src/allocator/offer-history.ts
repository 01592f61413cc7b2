import type { AgentId } from '@mesita/sdk/base';
import type { PastOffer } from '@mesita/sdk/module';

const LENGTH = 20;

/** Kept by whoever makes the offer, which may know more about it. */
export interface OfferRecord extends PastOffer {
  outcome: PastOffer['outcome'];
}

/** The last offers to a framework. Kept for those who ask; nothing else reads it. */
export class OfferHistory {
  readonly #records: OfferRecord[] = [];
  #next = 0;

  add(record: OfferRecord): void {
    this.#records[this.#next] = record;
    this.#next = (this.#next + 1) % LENGTH;
  }

  /** An offer of which only a part came back, or was launched; whether there was one. */
  accept(agent: AgentId, role: string): boolean {
    let isAnyOpen = false;
    for (const record of this.#records) {
      if (record.agent !== agent || record.role !== role || record.outcome !== 'OPEN') continue;
      record.outcome = 'ACCEPTED';
      isAnyOpen = true;
    }
    return isAnyOpen;
  }

  latestFirst(): readonly PastOffer[] {
    const { length } = this.#records;
    return this.#records.map((_, i) => {
      const latest = this.#records[(this.#next - 1 - i + 2 * length) % length] as OfferRecord;
      const { agent, role, resources, timestampMs, outcome } = latest;
      return { agent, role, resources, timestampMs, outcome };
    });
  }
}
