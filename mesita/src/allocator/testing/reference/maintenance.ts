import type { AgentId, Clock, FrameworkId } from '@mesita/sdk/base';
import type { InverseOfferStatus, UnavailableResources } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { Filters, Unavailability } from '@mesita/sdk/types';
import type { Agent, ReferenceBooks } from './books.ts';

interface Plan {
  readonly unavailability: Unavailability;
  readonly asked: Set<FrameworkId>;
  readonly statuses: Map<FrameworkId, InverseOfferStatus>;
}

interface Refusal {
  readonly framework: FrameworkId;
  readonly agent: AgentId;
}

/** §8 by the letter. */
export class ReferenceMaintenance {
  readonly #clock: Clock;
  readonly #plans = new Map<AgentId, Plan>();
  readonly #refusals = new Set<Refusal>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  plan(agent: AgentId, unavailability: Unavailability | undefined): void {
    this.forget((refusal) => refusal.agent === agent);
    this.#plans.delete(agent);
    if (unavailability !== undefined)
      this.#plans.set(agent, { unavailability, asked: new Set(), statuses: new Map() });
  }

  forget(isForgotten: (refusal: Refusal) => boolean): void {
    for (const refusal of this.#refusals) if (isForgotten(refusal)) this.#refusals.delete(refusal);
  }

  answer(
    agent: AgentId,
    framework: FrameworkId,
    status: InverseOfferStatus | undefined,
    filters: Filters | undefined,
  ): void {
    const plan = this.#plans.get(agent);
    if (plan === undefined) return;
    if (plan.asked.delete(framework) && status !== undefined) plan.statuses.set(framework, status);
    const seconds = filters && (filters.refuseSeconds ?? 5);
    if (seconds === undefined || seconds === 0) return;
    const refusal: Refusal = { framework, agent };
    this.#refusals.add(refusal);
    this.#clock.setTimer(seconds * 1000, () =>
      this.#clock.setTimer(0, () => this.#refusals.delete(refusal)),
    );
  }

  statuses(): Map<AgentId, ReadonlyMap<FrameworkId, InverseOfferStatus>> {
    return new Map([...this.#plans].map(([agent, { statuses }]) => [agent, statuses]));
  }

  /** Asks each active framework that holds something there, once at a time. */
  ask(
    agents: readonly Agent[],
    { frameworks }: ReferenceBooks,
  ): Map<FrameworkId, Map<AgentId, UnavailableResources>> {
    const offers = new Map<FrameworkId, Map<AgentId, UnavailableResources>>();
    for (const { id, held } of agents) {
      const plan = this.#plans.get(id);
      if (plan === undefined) continue;
      for (const holder of held.keys()) {
        const isRefused = [...this.#refusals].some(
          ({ framework, agent }) => framework === holder && agent === id,
        );
        if (!frameworks.get(holder)?.isActive || plan.asked.has(holder) || isRefused) continue;
        plan.asked.add(holder);
        const { unavailability } = plan;
        const ofFramework = offers.get(holder) ?? new Map<AgentId, UnavailableResources>();
        offers.set(holder, ofFramework.set(id, { resources: Resources.empty, unavailability }));
      }
    }
    return offers;
  }
}
