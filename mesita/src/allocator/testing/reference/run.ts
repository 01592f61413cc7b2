import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { AllocatorOptions, OfferableResources } from '@mesita/sdk/module';
import {
  hasRefinedReservations,
  isRevocable,
  isShared,
  ResourceQuantities,
  Resources,
  shrinkToLimits,
  shrinkToQuantities,
} from '@mesita/sdk/resources';
import {
  type Agent,
  type Framework,
  isReservedToExactly,
  type ReferenceBooks,
  sumOf,
} from './books.ts';
import { isExcluded } from './constraints.ts';

type Offers = Map<FrameworkId, Map<string, Map<AgentId, Resources>>>;

/** One allocation as §4 tells it, over agents in the order in which they were added. */
export class ReferenceRun {
  readonly #books: ReferenceBooks;
  readonly #options: AllocatorOptions;
  readonly #consumed = new Map<string, ResourceQuantities>();
  #required: ResourceQuantities;
  #headroom: ResourceQuantities;
  readonly #offers: Offers = new Map();

  constructor(books: ReferenceBooks, options: AllocatorOptions) {
    this.#books = books;
    this.#options = options;
    for (const role of books.quotas.keys()) this.#consumed.set(role, books.consumed(role));
    this.#required = books.requiredHeadroom(this.#consumed);
    this.#headroom = books.availableHeadroom();
  }

  over(agents: readonly Agent[]): ReadonlyMap<FrameworkId, OfferableResources> {
    for (const agent of agents) this.#stageOne(agent);
    for (const agent of agents) this.#stageTwo(agent);
    return this.#offers;
  }

  #stageOne(agent: Agent): void {
    const books = this.#books;
    for (const role of books.roleSorter.sort()) {
      const { guarantees, limits } = books.quotaOf(role);
      if (guarantees.isEmpty) continue;
      for (const id of books.sorters.get(role)?.sort() ?? []) {
        const framework = books.frameworks.get(id as FrameworkId) as Framework;
        const unsatisfied = guarantees.subtract(this.#consumedBy(role));
        if (unsatisfied.isEmpty) break;
        const resources = this.#candidates(agent, framework, role);
        if (resources === 'stop') break;
        if (resources === 'skip') continue;
        const governed = quotaResources(resources);
        const guaranteed = shrinkToQuantities(governed, unsatisfied);
        if (guaranteed.isEmpty) continue;
        const given = guaranteed.quantities();
        const limit = limits.subtract(this.#consumedBy(role)).subtract(given);
        let extra = shrinkToLimits(governed.subtract(guaranteed), limit);
        if (!this.#required.isEmpty) extra = shrinkToQuantities(extra, this.#surplus());
        const along = resources.filter((each) => each.type !== 'SCALAR' || isRevocable(each));
        const own = isReservedToExactly(resources.scalars().nonRevocable(), role);
        const offer = guaranteed.add(along).add(own).add(extra);
        if (!this.#isAcceptable(agent, framework, role, offer)) continue;
        this.#commit(agent, framework, role, offer);
        const taken = sumOf([given, extra.quantities()]);
        this.#consumed.set(role, sumOf([this.#consumedBy(role), taken]));
        this.#required = this.#required.subtract(given);
        this.#headroom = this.#headroom.subtract(taken);
      }
    }
  }

  #stageTwo(agent: Agent): void {
    const books = this.#books;
    for (const role of books.roleSorter.sort()) {
      const { limits } = books.quotaOf(role);
      for (const id of books.sorters.get(role)?.sort() ?? []) {
        const framework = books.frameworks.get(id as FrameworkId) as Framework;
        const resources = this.#candidates(agent, framework, role);
        if (resources === 'stop') break;
        if (resources === 'skip') continue;
        const governed = quotaResources(resources);
        let extra = governed;
        if (!limits.isUnlimited)
          extra = shrinkToLimits(extra, limits.subtract(this.#consumedBy(role)));
        if (!this.#required.isEmpty) extra = shrinkToQuantities(extra, this.#surplus());
        const offer = resources.subtract(governed).add(extra);
        if (!this.#isAcceptable(agent, framework, role, offer)) continue;
        this.#commit(agent, framework, role, offer);
        if (this.#consumed.has(role))
          this.#consumed.set(role, sumOf([this.#consumedBy(role), extra.quantities()]));
        this.#headroom = this.#headroom.subtract(extra.quantities());
      }
    }
  }

  #consumedBy(role: string): ResourceQuantities {
    return this.#consumed.get(role) ?? ResourceQuantities.empty;
  }

  #surplus(): ResourceQuantities {
    return this.#headroom.subtract(this.#required);
  }

  /** What the framework could have under the role before quota is asked, or why it has nothing. */
  #candidates(agent: Agent, framework: Framework, role: string): Resources | 'skip' | 'stop' {
    const everything = this.#books.available(agent).allocatableTo(role);
    if (everything.isEmpty) return 'stop';
    if (isExcluded(framework.constraints, role, agent.info)) return 'skip';
    if (!this.#isEnough(everything, framework, role)) return 'skip';
    const can = (capability: string) => framework.capabilities.has(capability);
    const hasGpus = agent.total.thousandths('gpus') > 0;
    if (this.#options.filterGpuResources && hasGpus && !can('GPU_RESOURCES')) return 'skip';
    return everything.filter(
      (resource) =>
        (can('SHARED_RESOURCES') || !isShared(resource)) &&
        (can('REVOCABLE_RESOURCES') || !isRevocable(resource)) &&
        (can('RESERVATION_REFINEMENT') || !hasRefinedReservations(resource)),
    );
  }

  #isEnough(resources: Resources, framework: Framework, role: string): boolean {
    const own = framework.info.offerFilters?.[role]?.minAllocatableResources;
    const minAllocatable =
      own === undefined
        ? this.#options.minAllocatable
        : (own.quantities ?? []).map(({ quantities }) =>
            ResourceQuantities.fromScalars(quantities),
          );
    return (
      minAllocatable.length === 0 ||
      minAllocatable.some((quantities) => resources.containsQuantities(quantities))
    );
  }

  #isAcceptable(agent: Agent, framework: Framework, role: string, offer: Resources): boolean {
    if (offer.isEmpty || !this.#isEnough(offer, framework, role)) return false;
    if (framework.capabilities.has('MULTI_ROLE') && !agent.capabilities.has('MULTI_ROLE'))
      return false;
    if (role.includes('/') && !agent.capabilities.has('HIERARCHICAL_ROLE')) return false;
    return ![...framework.filters].some(
      (filter) =>
        filter.agent === agent.id && filter.role === role && filter.refused.contains(offer),
    );
  }

  #commit(agent: Agent, framework: Framework, role: string, offer: Resources): void {
    const allocated = offer.allocate(role);
    this.#books.charge(agent, framework, role, allocated);
    const roles = this.#offers.get(framework.id) ?? new Map<string, Map<AgentId, Resources>>();
    const agents = roles.get(role) ?? new Map<AgentId, Resources>();
    this.#offers.set(framework.id, roles.set(role, agents));
    agents.set(agent.id, (agents.get(agent.id) ?? Resources.empty).add(allocated));
  }
}

/** What quota governs: unreserved scalars that cannot be revoked. */
function quotaResources(resources: Resources): Resources {
  return resources.unreserved().nonRevocable().scalars();
}
