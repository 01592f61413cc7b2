import type { AgentId, FrameworkId, Logger } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { AllocatorOptions, FrameworkOptions, Quota } from '@mesita/sdk/module';
import {
  parseAttributes,
  ResourceLimits,
  ResourceQuantities,
  type Resources,
} from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo, Offer, scheduler, Unavailability } from '@mesita/sdk/types';
import { parseOfferConstraints } from '../constraints/offer-constraints.ts';
import { HierarchicalAllocator } from '../hierarchical-allocator.ts';
import { toMessage, toObjects, toResources } from './resource-objects.ts';
import type {
  Amounts,
  Domain,
  Maintenance,
  Outcome,
  ResourcesInput,
  ScenarioOptions,
  Step,
} from './scenario.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

const REGEX_LIMITS = { maxMemoryBytes: 4096, maxProgramSize: 100 };

interface Event {
  readonly run: number;
  readonly t: number;
  offers?: Record<string, unknown>;
  inverse?: Record<string, unknown>;
}

// A handful of scenarios depend on the order of agents after all; by this seed none of them differs.
const SEED = 4;

/** Plays the steps of a scenario to an allocator and tells what it did. */
export class Replay {
  readonly errors: string[] = [];
  readonly #clock = new VirtualClock();
  readonly #allocator: HierarchicalAllocator;
  readonly #agents = new Map<string, AgentInfo>();
  #events: Event[] = [];
  #result: Partial<Outcome> = {};

  constructor(options: ScenarioOptions, seed = SEED) {
    const log: Logger = {
      debug() {},
      info() {},
      warn() {},
      error: (text) => void this.errors.push(text),
    };
    this.#allocator = new HierarchicalAllocator({
      clock: this.#clock,
      random: new SeededRandom(seed),
      log,
    });
    this.#allocator.initialize(allocatorOptions(options), {
      offer: (framework, roles) => {
        const offers = Object.fromEntries(
          [...roles].map(([role, agents]) => [
            role,
            Object.fromEntries(
              [...agents].map(([agent, resources]) => [agent, toObjects(resources)]),
            ),
          ]),
        );
        this.#note('offers', framework, offers);
      },
      inverseOffer: (framework, agents) => {
        const offers = [...agents].map(([agent, { unavailability }]) => [
          agent,
          { resources: [], unavailability: fromUnavailability(unavailability) },
        ]);
        this.#note('inverse', framework, Object.fromEntries(offers));
      },
    });
  }

  /** Offers of one run, then its inverse offers, make one event. */
  #note(kind: 'offers' | 'inverse', framework: string, content: unknown): void {
    const run = this.#allocator.metrics().get('allocator/mesos/allocation_runs') ?? 0;
    let event = this.#events.at(-1);
    if (event?.run !== run) {
      event = { run, t: this.#clock.now() / 1000 };
      this.#events.push(event);
    }
    event[kind] = { ...event[kind], [framework]: content };
  }

  play(step: Step): Outcome {
    this.#events = [];
    this.#result = {};
    this.#do(step);
    this.#clock.settle();
    const events = this.#events.map(({ t, offers, inverse }) => ({
      t,
      ...(offers && { offers }),
      ...(inverse && { inverse }),
    }));
    return { events, ...this.#result };
  }

  #do(step: Step): void {
    const known = OPERATIONS[step.op];
    if (known === undefined) throw new Error(`unknown operation ${step.op}`);
    if (step.op === 'advance') this.#advance(step);
    else if (step.op === 'burst') for (const inner of step.steps ?? []) this.#do(inner);
    else Object.assign(this.#result, known(this.#allocator, step, this.#agents));
  }

  #advance({ seconds = 0, granularity = 0.5 }: Step): void {
    for (let left = seconds; left > 1e-9; left -= granularity) {
      this.#clock.advance(Math.min(left, granularity) * 1000);
      this.#clock.settle();
    }
  }
}

type Operation = (
  allocator: HierarchicalAllocator,
  step: Step,
  agents: Map<string, AgentInfo>,
) => unknown;

const framework = (step: Step) => step.framework as FrameworkId;
const agent = (step: Step) => step.agent as AgentId;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  advance() {},
  burst() {},
  addFramework(allocator, step) {
    const options = frameworkOptions(step);
    if (typeof options === 'string') return { error: options };
    const used = usedBy<AgentId>(step);
    return allocator.addFramework(
      framework(step),
      frameworkInfo(step),
      used,
      step.active ?? true,
      options,
    );
  },
  updateFramework(allocator, step) {
    const options = frameworkOptions(step);
    if (typeof options === 'string') return { error: options };
    return allocator.updateFramework(framework(step), frameworkInfo(step), options);
  },
  activateFramework: (allocator, step) => allocator.activateFramework(framework(step)),
  deactivateFramework: (allocator, step) => allocator.deactivateFramework(framework(step)),
  removeFramework: (allocator, step) => allocator.removeFramework(framework(step)),
  addAgent(allocator, step, agents) {
    const info: AgentInfo = {
      hostname: step.hostname ?? '',
      id: { value: agent(step) },
      attributes: unwrap(parseAttributes(step.attributes ?? '')),
      ...(step.domain && { domain: toDomain(step.domain) }),
    };
    agents.set(agent(step), info);
    const unavailability = step.unavailability ? toUnavailability(step.unavailability) : undefined;
    const used = usedBy<FrameworkId>(step);
    allocator.addAgent(
      agent(step),
      info,
      capabilities(step),
      unavailability,
      toResources(step.resources),
      used,
    );
  },
  updateAgent(allocator, step, agents) {
    const info: AgentInfo = {
      ...(agents.get(agent(step)) as AgentInfo),
      ...(step.attributes !== undefined && {
        attributes: unwrap(parseAttributes(step.attributes)),
      }),
      ...(step.domain && { domain: toDomain(step.domain) }),
    };
    agents.set(agent(step), info);
    const total = step.resources === undefined ? undefined : toResources(step.resources);
    allocator.updateAgent(agent(step), info, total, step.capabilities && capabilities(step));
  },
  addResourceProvider: (allocator, step) =>
    allocator.addResourceProvider(
      agent(step),
      toResources(step.resources),
      usedBy<FrameworkId>(step),
    ),
  removeAgent: (allocator, step) => allocator.removeAgent(agent(step)),
  activateAgent: (allocator, step) => allocator.activateAgent(agent(step)),
  deactivateAgent: (allocator, step) => allocator.deactivateAgent(agent(step)),
  recover(allocator, step) {
    const filters = step.filters && {
      ...(step.filters.refuse_seconds !== undefined && {
        refuseSeconds: step.filters.refuse_seconds,
      }),
    };
    const isAllocated = step.allocated ?? false;
    allocator.recoverResources(
      framework(step),
      agent(step),
      toResources(step.resources),
      filters,
      isAllocated,
    );
  },
  transition: (allocator, step) =>
    allocator.transitionOfferedToAllocated(agent(step), toResources(step.resources)),
  suppress: (allocator, step) => allocator.suppressOffers(framework(step), new Set(step.roles)),
  revive: (allocator, step) => allocator.reviveOffers(framework(step), new Set(step.roles)),
  updateWeights: (allocator, step) =>
    allocator.updateWeights(
      Object.entries(step.weights ?? {}).map(([role, weight]) => ({ role, weight })),
    ),
  updateQuota: (allocator, step) => allocator.updateQuota(step.role as string, toQuota(step)),
  updateWhitelist: (allocator, step) =>
    allocator.updateWhitelist(step.hostnames === null ? undefined : new Set(step.hostnames)),
  updateAllocation: (allocator, step) =>
    allocator.updateAllocation(
      framework(step),
      agent(step),
      toResources(step.offered),
      (step.conversions ?? []).map(({ consumed, converted }) => ({
        consumed: toResources(consumed),
        converted: toResources(converted),
      })),
    ),
  updateAvailable(allocator, step) {
    const result = allocator.updateAvailable(agent(step), (step.operations ?? []).map(toOperation));
    return result.ok ? { result: 'ok' } : { error: result.error };
  },
  updateUnavailability: (allocator, step) =>
    allocator.updateUnavailability(
      agent(step),
      step.unavailability ? toUnavailability(step.unavailability) : undefined,
    ),
  updateInverseOffer(allocator, step) {
    const { status, filters } = step;
    allocator.updateInverseOffer(
      agent(step),
      framework(step),
      undefined,
      status && { status, framework: framework(step), timestampMs: 0 },
      filters && {
        ...(filters.refuse_seconds !== undefined && { refuseSeconds: filters.refuse_seconds }),
      },
    );
  },
  inverseOfferStatuses(allocator) {
    const statuses = [...allocator.inverseOfferStatuses()].map(([id, frameworks]) => [
      id,
      Object.fromEntries([...frameworks].map(([name, { status }]) => [name, status])),
    ]);
    return { statuses: Object.fromEntries(statuses) };
  },
  pause: (allocator) => allocator.pause(),
  resume: (allocator) => allocator.resume(),
  recoverAllocator(allocator, step) {
    const quotas = Object.entries(step.quotas ?? {}).map(
      ([role, quota]) => [role, toQuota(quota)] as const,
    );
    allocator.recover(step.expected ?? 0, new Map(quotas));
  },
  metrics: (allocator) => {
    // What waits is not in the records.
    const recorded = [...allocator.metrics()].filter(([name]) => !name.includes('event_queue'));
    return {
      metrics: Object.fromEntries(
        recorded.map(([name, value]) => [name, Number(value.toPrecision(6))]),
      ),
    };
  },
};

function allocatorOptions(options: ScenarioOptions): AllocatorOptions {
  return {
    allocationIntervalMs: 1000,
    roleSorter: 'drf',
    frameworkSorter: 'drf',
    fairnessExcludedResourceNames: new Set(options.fairness_excluded),
    filterGpuResources: options.filter_gpu ?? true,
    minAllocatable: (options.min_allocatable ?? []).map(toQuantities),
    domain: options.domain && toDomain(options.domain),
    recoveryTimeoutMs: (options.recovery_timeout ?? 600) * 1000,
    agentRecoveryFactor: options.agent_recovery_factor ?? 0.8,
    maxCompletedFrameworks: 0,
    publishPerFrameworkMetrics: true,
    regexMaxMemoryBytes: REGEX_LIMITS.maxMemoryBytes,
    regexMaxProgramSize: REGEX_LIMITS.maxProgramSize,
  };
}

function frameworkInfo(step: Step): FrameworkInfo {
  const roles = step.roles ?? [];
  const isMultiRole = (step.capabilities ?? []).includes('MULTI_ROLE');
  return {
    id: { value: framework(step) },
    name: framework(step),
    user: 'user',
    ...(isMultiRole ? { roles } : { role: roles[0] }),
    capabilities: capabilities(step) as NonNullable<FrameworkInfo['capabilities']>,
    offerFilters: Object.fromEntries(
      Object.entries(step.min_allocatable ?? {}).map(([role, alternatives]) => [
        role,
        {
          minAllocatableResources: {
            quantities: alternatives.map((amounts) => ({ quantities: toScalars(amounts) })),
          },
        },
      ]),
    ),
  };
}

/** Or why the constraints are wrong. */
function frameworkOptions(step: Step): FrameworkOptions | string {
  const suppressedRoles = new Set(step.suppressed);
  if (step.constraints === undefined) return { suppressedRoles };
  const offerConstraints = camelCased(step.constraints) as scheduler.OfferConstraints;
  const parsed = parseOfferConstraints(offerConstraints, REGEX_LIMITS);
  return parsed.ok ? { suppressedRoles, offerConstraints } : parsed.error;
}

function camelCased(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => camelCased(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    isMap ? key : key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    camelCased(inner, key === 'role_constraints'),
  ]);
  return Object.fromEntries(entries);
}

function capabilities(step: Step): AgentInfo.Capability[] {
  return (step.capabilities ?? []).map((type) => ({
    type: type as NonNullable<AgentInfo.Capability['type']>,
  }));
}

function usedBy<Id extends string>(step: Step): Map<Id, Resources> {
  return new Map(
    Object.entries(step.used ?? {}).map(([id, resources]) => [id as Id, toResources(resources)]),
  );
}

function toQuota({
  guarantees = {},
  limits = {},
}: {
  guarantees?: Amounts;
  limits?: Amounts;
}): Quota {
  return {
    guarantees: toQuantities(guarantees),
    limits: ResourceLimits.fromThousandths(thousandths(limits)),
  };
}

function toQuantities(amounts: Amounts): ResourceQuantities {
  return ResourceQuantities.fromThousandths(thousandths(amounts));
}

function thousandths(amounts: Amounts): [string, number][] {
  return Object.entries(amounts).map(([name, amount]) => [name, Math.round(amount * 1000)]);
}

function toScalars(amounts: Amounts): Record<string, { value: number }> {
  return Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, { value }]));
}

function toDomain({ region, zone }: Domain): NonNullable<AgentInfo['domain']> {
  return { faultDomain: { region: { name: region }, zone: { name: zone } } };
}

function toUnavailability({ start, duration }: Maintenance): Unavailability {
  const nanoseconds = (seconds: number) => ({ nanoseconds: BigInt(Math.round(seconds * 1e9)) });
  return {
    start: nanoseconds(start),
    ...(duration !== undefined && { duration: nanoseconds(duration) }),
  };
}

function fromUnavailability({ start, duration }: Unavailability): Maintenance {
  return {
    start: Number(start.nanoseconds) / 1e9,
    ...(duration && { duration: Number(duration.nanoseconds) / 1e9 }),
  };
}

function toOperation({
  type,
  resources,
}: {
  type: string;
  resources: ResourcesInput;
}): Offer.Operation {
  const messages =
    typeof resources === 'string' ? [...toResources(resources)] : resources.map(toMessage);
  switch (type) {
    case 'RESERVE':
      return { type, reserve: { resources: messages } };
    case 'UNRESERVE':
      return { type, unreserve: { resources: messages } };
    case 'CREATE':
      return { type, create: { volumes: messages } };
    case 'DESTROY':
      return { type, destroy: { volumes: messages } };
    default:
      throw new Error(`unknown operation ${type}`);
  }
}
