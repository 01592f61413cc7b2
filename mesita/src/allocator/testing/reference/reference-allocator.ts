import type { AgentId, Clock, FrameworkId, Random } from '@mesita/sdk/base';
import type {
  Allocator,
  AllocatorCallbacks,
  AllocatorOptions,
  FrameworkOptions,
  InverseOfferStatus,
  Quota,
} from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import { attributesEqual } from '@mesita/sdk/resources';
import type {
  AgentInfo,
  Filters,
  FrameworkInfo,
  Unavailability,
  WeightInfo,
} from '@mesita/sdk/types';
import { type Agent, type Filter, type Framework, ReferenceBooks } from './books.ts';
import { ReferenceMaintenance } from './maintenance.ts';
import { ReferenceRun } from './run.ts';

/** The calls that the reference understands. */
export type ReferenceCalls = Pick<
  Allocator,
  | 'initialize'
  | 'addFramework'
  | 'removeFramework'
  | 'activateFramework'
  | 'deactivateFramework'
  | 'updateFramework'
  | 'addAgent'
  | 'removeAgent'
  | 'updateAgent'
  | 'activateAgent'
  | 'deactivateAgent'
  | 'updateWhitelist'
  | 'transitionOfferedToAllocated'
  | 'recoverResources'
  | 'suppressOffers'
  | 'reviveOffers'
  | 'updateQuota'
  | 'updateWeights'
  | 'pause'
  | 'resume'
  | 'recover'
  | 'updateUnavailability'
  | 'updateInverseOffer'
  | 'inverseOfferStatuses'
>;

/**
 * The rules read plainly: slow, without a thought of speed, and sharing nothing with the allocator
 * but the SDK. Agents and objects of resources are taken in the order they came in, as a chance does
 * that leaves everything in its place; sorters that draw are given that chance.
 */
export class ReferenceAllocator implements ReferenceCalls {
  readonly books: ReferenceBooks;
  readonly #clock: Clock;
  readonly #maintenance: ReferenceMaintenance;
  #options!: AllocatorOptions;
  #callbacks!: AllocatorCallbacks;
  #whitelist: ReadonlySet<string> | undefined;
  #candidates = new Set<AgentId>();
  #isRunQueued = false;
  #isPaused = false;
  #expected: number | undefined;

  /** `draw`: the chance of the random sorter. */
  constructor(clock: Clock, draw?: Random) {
    this.#clock = clock;
    this.#maintenance = new ReferenceMaintenance(clock);
    this.books = new ReferenceBooks(draw);
  }

  initialize(options: AllocatorOptions, callbacks: AllocatorCallbacks): void {
    this.#options = options;
    this.#callbacks = callbacks;
    this.#awaitNextRun();
  }

  // What an actor dispatches to itself comes after what waits already.
  #dispatch(task: () => void): void {
    this.#clock.setTimer(0, task);
  }

  #awaitNextRun(): void {
    this.#clock.setTimer(this.#options.allocationIntervalMs, () =>
      this.#dispatch(() => {
        this.#requestRunOverAll();
        this.#dispatch(() => this.#awaitNextRun());
      }),
    );
  }

  #requestRun(agents: readonly AgentId[]): void {
    if (this.#isPaused) return;
    for (const id of agents) this.#candidates.add(id);
    if (this.#isRunQueued) return;
    this.#isRunQueued = true;
    this.#dispatch(() => this.#run());
  }

  /** In the order in which they were added, whoever was asked for before. */
  #requestRunOverAll(): void {
    if (!this.#isPaused) this.#candidates.clear();
    this.#requestRun([...this.books.agents.keys()]);
  }

  #run(): void {
    this.#isRunQueued = false;
    if (this.#isPaused) return;
    const candidates = this.#candidates;
    this.#candidates = new Set();
    const known = [...candidates].flatMap((id) => this.books.agents.get(id) ?? []);
    const agents = known.filter(
      ({ info, isActive }) => isActive && (this.#whitelist?.has(info.hostname) ?? true),
    );
    const offers = new ReferenceRun(this.books, this.#options).over(agents);
    for (const [framework, roles] of offers) this.#callbacks.offer(framework, roles);
    for (const [framework, inverse] of this.#maintenance.ask(known, this.books))
      this.#callbacks.inverseOffer(framework, inverse);
  }

  recover(expectedAgents: number, quotas: ReadonlyMap<string, Quota>): void {
    if (quotas.size === 0) return;
    for (const [role, quota] of quotas) this.updateQuota(role, quota);
    this.#expected = Math.floor(expectedAgents * this.#options.agentRecoveryFactor);
    if (this.#expected === 0) return;
    this.#isPaused = true;
    this.#clock.setTimer(this.#options.recoveryTimeoutMs, () =>
      this.#dispatch(() => this.resume()),
    );
  }

  addFramework(
    id: FrameworkId,
    info: FrameworkInfo,
    _used: unknown,
    isActive: boolean,
    { suppressedRoles, offerConstraints }: FrameworkOptions,
  ): void {
    const framework: Framework = {
      id,
      info,
      roles: rolesOf(info),
      capabilities: typesOf(info.capabilities),
      isActive,
      constraints: offerConstraints,
      suppressed: new Set(suppressedRoles),
      filters: new Set(),
    };
    this.books.frameworks.set(id, framework);
    for (const role of framework.roles) this.books.track(framework, role);
    this.#setActive(framework, framework.roles, isActive);
    if (isActive) this.#requestRunOverAll();
  }

  /** Suppressed roles stay inactive in any case. */
  #setActive(framework: Framework, roles: Iterable<string>, isActive: boolean): void {
    for (const role of roles) {
      const isWanted = isActive && !framework.suppressed.has(role);
      this.books.sorters.get(role)?.setActive(framework.id, isWanted);
    }
  }

  removeFramework(id: FrameworkId): void {
    const framework = this.books.frameworks.get(id) as Framework;
    const roles = new Set(framework.roles);
    for (const agent of this.books.agents.values()) {
      for (const role of agent.held.get(id)?.allocations().keys() ?? []) roles.add(role);
      agent.held.delete(id);
    }
    framework.roles = new Set();
    for (const role of roles) this.books.untrackIfIdle(framework, role);
    this.books.frameworks.delete(id);
    this.#maintenance.forget(({ framework: other }) => other === id);
  }

  activateFramework(id: FrameworkId): void {
    const framework = this.books.frameworks.get(id) as Framework;
    framework.isActive = true;
    this.#setActive(framework, framework.roles, true);
    this.#requestRunOverAll();
  }

  deactivateFramework(id: FrameworkId): void {
    const framework = this.books.frameworks.get(id) as Framework;
    framework.isActive = false;
    this.#setActive(framework, framework.roles, false);
    framework.filters.clear();
    this.#maintenance.forget(({ framework: other }) => other === id);
  }

  updateFramework(
    id: FrameworkId,
    info: FrameworkInfo,
    { suppressedRoles, offerConstraints }: FrameworkOptions,
  ): void {
    const framework = this.books.frameworks.get(id) as Framework;
    const before = framework.roles;
    framework.info = info;
    framework.constraints = offerConstraints;
    framework.roles = rolesOf(info);
    framework.capabilities = typesOf(info.capabilities);
    for (const role of framework.roles) {
      if (before.has(role)) continue;
      this.books.track(framework, role);
      this.#setActive(framework, [role], true);
    }
    for (const role of before) {
      if (framework.roles.has(role)) continue;
      this.#setActive(framework, [role], false);
      this.#dropFilters(framework, (filter) => filter.role === role);
      framework.suppressed.delete(role);
      this.books.untrackIfIdle(framework, role);
    }
    const revived = [...framework.suppressed].filter((role) => !suppressedRoles.has(role));
    this.#suppress(framework, suppressedRoles);
    this.#revive(framework, revived);
  }

  #dropFilters(framework: Framework, isDropped: (filter: Filter) => boolean): void {
    for (const filter of framework.filters) if (isDropped(filter)) framework.filters.delete(filter);
  }

  addAgent(
    id: AgentId,
    info: AgentInfo,
    capabilities: readonly AgentInfo.Capability[],
    unavailability: Unavailability | undefined,
    total: Resources,
  ): void {
    const agent: Agent = {
      id,
      info,
      capabilities: typesOf(capabilities),
      total,
      held: new Map(),
      isActive: true,
    };
    this.books.agents.set(id, agent);
    this.#maintenance.plan(id, unavailability);
    if (
      this.#isPaused &&
      this.#expected !== undefined &&
      this.books.agents.size >= this.#expected
    ) {
      this.#expected = undefined;
      this.#isPaused = false;
    }
    this.#requestRun([id]);
  }

  removeAgent(id: AgentId): void {
    const agent = this.books.agents.get(id) as Agent;
    this.books.agents.delete(id);
    this.#candidates.delete(id);
    this.#maintenance.plan(id, undefined);
    for (const [holder, resources] of agent.held) {
      const framework = this.books.frameworks.get(holder) as Framework;
      for (const role of resources.allocations().keys()) this.books.untrackIfIdle(framework, role);
    }
    for (const framework of this.books.frameworks.values())
      this.#dropFilters(framework, (filter) => filter.agent === id);
  }

  /** Totals and attributes. */
  updateAgent(id: AgentId, info: AgentInfo, total?: Resources): void {
    const agent = this.books.agents.get(id) as Agent;
    const isMoved = !attributesEqual(info.attributes ?? [], agent.info.attributes ?? []);
    const isResized = total !== undefined && !agent.total.equals(total);
    agent.info = info;
    if (isResized) agent.total = total;
    if (isMoved) {
      this.#maintenance.forget(({ agent: other }) => other === id);
      for (const framework of this.books.frameworks.values())
        this.#dropFilters(framework, (filter) => filter.agent === id);
    }
    if (isMoved || isResized) this.#requestRun([id]);
  }

  updateUnavailability(id: AgentId, unavailability: Unavailability | undefined): void {
    this.#maintenance.plan(id, unavailability);
    this.#requestRun([id]);
  }

  updateInverseOffer(
    agent: AgentId,
    framework: FrameworkId,
    _resources: unknown,
    status: InverseOfferStatus | undefined,
    filters: Filters | undefined,
  ): void {
    this.#maintenance.answer(agent, framework, status, filters);
  }

  inverseOfferStatuses(): ReadonlyMap<AgentId, ReadonlyMap<FrameworkId, InverseOfferStatus>> {
    return this.#maintenance.statuses();
  }

  activateAgent(id: AgentId): void {
    (this.books.agents.get(id) as Agent).isActive = true;
  }

  deactivateAgent(id: AgentId): void {
    (this.books.agents.get(id) as Agent).isActive = false;
  }

  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void {
    this.#whitelist = hostnames;
  }

  /** Launched resources count against quota as offered ones do. */
  transitionOfferedToAllocated(): void {}

  recoverResources(
    id: FrameworkId,
    agentId: AgentId,
    resources: Resources,
    filters: Filters | undefined,
  ): void {
    const framework = this.books.frameworks.get(id);
    const agent = this.books.agents.get(agentId);
    if (resources.isEmpty || framework === undefined || agent === undefined) return;
    const [role = ''] = resources.allocations().keys();
    this.books.release(agent, id, resources);
    this.books.untrackIfIdle(framework, role);
    if (filters === undefined) return;
    const seconds = filters.refuseSeconds ?? 5;
    if (seconds === 0) return;
    const filter: Filter = { role, agent: agentId, refused: resources.unallocate() };
    framework.filters.add(filter);
    const timeout = Math.max(this.#options.allocationIntervalMs, seconds * 1000);
    this.#clock.setTimer(timeout, () =>
      this.#dispatch(() => this.#dispatch(() => framework.filters.delete(filter))),
    );
  }

  suppressOffers(id: FrameworkId, roles: ReadonlySet<string>): void {
    const framework = this.books.frameworks.get(id) as Framework;
    this.#suppress(framework, roles.size === 0 ? framework.roles : roles);
  }

  #suppress(framework: Framework, roles: Iterable<string>): void {
    for (const role of roles) framework.suppressed.add(role);
    this.#setActive(framework, roles, false);
  }

  reviveOffers(id: FrameworkId, roles: ReadonlySet<string>): void {
    const framework = this.books.frameworks.get(id) as Framework;
    this.#revive(framework, roles.size === 0 ? framework.roles : roles);
    this.#requestRunOverAll();
  }

  #revive(framework: Framework, roles: Iterable<string>): void {
    this.#maintenance.forget(({ framework: other }) => other === framework.id);
    for (const role of roles) {
      framework.suppressed.delete(role);
      this.#dropFilters(framework, (filter) => filter.role === role);
      this.#setActive(framework, [role], true);
    }
  }

  updateQuota(role: string, quota: Quota): void {
    if (quota.guarantees.isEmpty && quota.limits.isUnlimited) this.books.quotas.delete(role);
    else this.books.quotas.set(role, quota);
  }

  updateWeights(weights: readonly WeightInfo[]): void {
    for (const { role, weight } of weights)
      if (role !== undefined) this.books.weights.set(role, weight);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }
}

function rolesOf({ role, roles }: FrameworkInfo): ReadonlySet<string> {
  return new Set(roles !== undefined && roles.length > 0 ? roles : [role ?? '*']);
}

function typesOf(
  capabilities: readonly { readonly type?: string | undefined }[] | undefined,
): ReadonlySet<string> {
  return new Set((capabilities ?? []).flatMap(({ type }) => type ?? []));
}
