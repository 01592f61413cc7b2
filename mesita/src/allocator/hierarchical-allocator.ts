import type { AgentId, FrameworkId, Result } from '@mesita/sdk/base';
import { err } from '@mesita/sdk/base';
import type {
  Allocator,
  AllocatorCallbacks,
  AllocatorContext,
  AllocatorOptions,
  FrameworkExplanation,
  FrameworkOptions,
  InverseOfferStatus,
  Quota,
  ResourceConversion,
  UnavailableResources,
} from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type {
  AgentInfo,
  Filters,
  FrameworkInfo,
  Offer,
  Unavailability,
  WeightInfo,
} from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import * as agents from './agents.ts';
import * as conversions from './conversions.ts';
import { explain } from './explain.ts';
import type { Framework } from './framework.ts';
import * as frameworks from './frameworks.ts';
import { addInverseFilter } from './inverse-offers.ts';
import { initialMetrics, snapshot } from './metrics.ts';
import type { AllocatorParts } from './parts.ts';
import { RoleQuota } from './quota.ts';
import * as recovered from './recovered-resources.ts';
import { requestRun, startPeriodicRuns } from './requests.ts';
import { State } from './state.ts';

/** Mesos' hierarchical DRF allocator. Calls about what it does not know are logged and change nothing. */
export class HierarchicalAllocator implements Allocator {
  readonly #context: AllocatorContext;
  readonly #parts: AllocatorParts;
  #known: State | undefined;

  /** `parts`: what takes the place of built-in ones. */
  constructor(context: AllocatorContext, parts: AllocatorParts = {}) {
    this.#context = context;
    this.#parts = parts;
  }

  get #state(): State {
    if (this.#known === undefined)
      throw new Error('the allocator is used before it is initialized');
    return this.#known;
  }

  initialize(options: AllocatorOptions, callbacks: AllocatorCallbacks): void {
    this.#known = new State(this.#context, options, callbacks, this.#parts);
    startPeriodicRuns(this.#known);
  }

  recover(expectedAgents: number, quotas: ReadonlyMap<string, Quota>): void {
    const state = this.#state;
    if (quotas.size === 0) return;
    for (const [role, quota] of quotas) this.updateQuota(role, quota);
    const expected = Math.floor(expectedAgents * state.options.agentRecoveryFactor);
    state.expectedAgents = expected;
    if (expected <= 0) return;
    state.isPaused = true;
    state.agenda.after(state.options.recoveryTimeoutMs, () => {
      state.isPaused = false;
    });
  }

  addFramework(
    id: FrameworkId,
    info: FrameworkInfo,
    used: ReadonlyMap<AgentId, Resources>,
    active: boolean,
    options: FrameworkOptions,
  ): void {
    frameworks.addFramework(this.#state, id, info, used, active, options);
  }

  removeFramework(id: FrameworkId): void {
    this.#withFramework(id, (framework) => frameworks.removeFramework(this.#state, framework));
  }

  activateFramework(id: FrameworkId): void {
    this.#withFramework(id, (framework) => frameworks.activateFramework(this.#state, framework));
  }

  deactivateFramework(id: FrameworkId): void {
    this.#withFramework(id, (framework) => frameworks.deactivateFramework(this.#state, framework));
  }

  updateFramework(id: FrameworkId, info: FrameworkInfo, options: FrameworkOptions): void {
    this.#withFramework(id, (framework) =>
      frameworks.updateFramework(this.#state, framework, info, options),
    );
  }

  addAgent(
    id: AgentId,
    info: AgentInfo,
    capabilities: readonly AgentInfo.Capability[],
    unavailability: Unavailability | undefined,
    total: Resources,
    used: ReadonlyMap<FrameworkId, Resources>,
  ): void {
    agents.addAgent(this.#state, id, info, capabilities, unavailability, total, used);
  }

  removeAgent(id: AgentId): void {
    this.#withAgent(id, (agent) => agents.removeAgent(this.#state, agent));
  }

  updateAgent(
    id: AgentId,
    info: AgentInfo,
    total?: Resources,
    capabilities?: readonly AgentInfo.Capability[],
  ): void {
    this.#withAgent(id, (agent) =>
      agents.updateAgent(this.#state, agent, info, total, capabilities),
    );
  }

  addResourceProvider(
    id: AgentId,
    total: Resources,
    used: ReadonlyMap<FrameworkId, Resources>,
  ): void {
    this.#withAgent(id, (agent) => agents.addResourceProvider(this.#state, agent, total, used));
  }

  activateAgent(id: AgentId): void {
    this.#withAgent(id, (agent) => {
      agent.isActive = true;
    });
  }

  deactivateAgent(id: AgentId): void {
    this.#withAgent(id, (agent) => {
      agent.isActive = false;
    });
  }

  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void {
    this.#state.whitelist = hostnames;
    if (hostnames?.size === 0) this.#state.log.warn('whitelist is empty, no offers will be made');
  }

  /** Said by frameworks since the first days, and never heard. */
  requestResources(): void {}

  updateAllocation(
    frameworkId: FrameworkId,
    agentId: AgentId,
    offered: Resources,
    converted: readonly ResourceConversion[],
  ): void {
    this.#withFramework(frameworkId, (framework) => {
      this.#withAgent(agentId, (agent) => {
        const result = conversions.updateAllocation(
          this.#state,
          agent,
          framework,
          offered,
          converted,
        );
        if (!result.ok)
          this.#state.log.error('allocation not updated', {
            frameworkId,
            agentId,
            reason: result.error,
          });
      });
    });
  }

  updateAvailable(id: AgentId, operations: readonly Offer.Operation[]): Result<void> {
    const agent = this.#state.agents.get(id);
    return agent === undefined
      ? err(`Unknown agent ${id}`)
      : conversions.updateAvailable(this.#state, agent, operations);
  }

  updateUnavailability(id: AgentId, unavailability: Unavailability | undefined): void {
    this.#withAgent(id, (agent) => agents.updateUnavailability(this.#state, agent, unavailability));
  }

  updateInverseOffer(
    agentId: AgentId,
    frameworkId: FrameworkId,
    _resources: UnavailableResources | undefined,
    status: InverseOfferStatus | undefined,
    filters: Filters | undefined,
  ): void {
    const { agents, frameworks, agenda } = this.#state;
    const agent = agents.get(agentId);
    const framework = frameworks.get(frameworkId);
    // The plan may have been withdrawn while the answer was on its way.
    if (agent?.maintenance === undefined || framework === undefined) return;
    const wasOutstanding = agent.maintenance.outstanding.delete(frameworkId);
    if (wasOutstanding && status !== undefined && status.status !== 'UNKNOWN') {
      agent.maintenance.statuses.set(frameworkId, status);
    }
    if (filters !== undefined) addInverseFilter(agenda, framework, agent, filters);
  }

  inverseOfferStatuses(): ReadonlyMap<AgentId, ReadonlyMap<FrameworkId, InverseOfferStatus>> {
    const statuses = new Map<AgentId, ReadonlyMap<FrameworkId, InverseOfferStatus>>();
    for (const { id, maintenance } of this.#state.agents.values()) {
      if (maintenance !== undefined) statuses.set(id, new Map(maintenance.statuses));
    }
    return statuses;
  }

  transitionOfferedToAllocated(id: AgentId, resources: Resources): void {
    this.#withAgent(id, (agent) => recovered.transitionToAllocated(this.#state, agent, resources));
  }

  recoverResources(
    framework: FrameworkId,
    agent: AgentId,
    resources: Resources,
    filters: Filters | undefined,
    isAllocated: boolean,
  ): void {
    recovered.recoverResources(this.#state, framework, agent, resources, filters, isAllocated);
  }

  suppressOffers(id: FrameworkId, roles: ReadonlySet<string>): void {
    this.#withFramework(id, (framework) => {
      frameworks.suppress(this.#state, framework, roles.size === 0 ? framework.roles : roles);
    });
  }

  reviveOffers(id: FrameworkId, roles: ReadonlySet<string>): void {
    this.#withFramework(id, (framework) => {
      frameworks.revive(this.#state, framework, roles.size === 0 ? framework.roles : roles);
      requestRun(this.#state);
    });
  }

  updateQuota(role: string, quota: Quota): void {
    this.#state.roles.setQuota(role, new RoleQuota(quota, this.#state.names));
    this.#state.demand++;
  }

  updateWeights(weights: readonly WeightInfo[]): void {
    for (const { role, weight } of weights) {
      if (role === undefined || !(weight > 0)) continue;
      this.#state.roles.setWeight(role, weight);
      this.#state.roleSorter.updateWeight(role, weight);
    }
  }

  metrics(): ReadonlyMap<string, number> {
    return this.#known === undefined ? initialMetrics() : snapshot(this.#known);
  }

  explain(id: FrameworkId, role?: string, agent?: AgentId): FrameworkExplanation | undefined {
    const framework = this.#state.frameworks.get(id);
    return framework && explain(this.#state, framework, role, agent);
  }

  pause(): void {
    this.#state.isPaused = true;
  }

  resume(): void {
    this.#state.isPaused = false;
  }

  #withFramework(id: FrameworkId, act: (framework: Framework) => void): void {
    const framework = this.#state.frameworks.get(id);
    if (framework === undefined) this.#state.log.error('unknown framework', { frameworkId: id });
    else act(framework);
  }

  #withAgent(id: AgentId, act: (agent: Agent) => void): void {
    const agent = this.#state.agents.get(id);
    if (agent === undefined) this.#state.log.error('unknown agent', { agentId: id });
    else act(agent);
  }
}
