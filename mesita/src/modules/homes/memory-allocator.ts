import type { AgentId, FrameworkId, Result } from '@mesita/sdk/base';
import type { Allocator, AllocatorCallbacks, FrameworkOptions, Quota } from '@mesita/sdk/module';
import { Resources, unallocateConversion } from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo, Unavailability, WeightInfo } from '@mesita/sdk/types';
import type { Memory } from './memory.ts';

interface Agent {
  info: AgentInfo;
  capabilities: readonly AgentInfo.Capability[];
  unavailability: Unavailability | undefined;
  total: Resources;
  /** Offers that are out count, as they do for the allocator. */
  readonly used: Map<FrameworkId, Resources>;
  isActive: boolean;
}

interface Framework {
  readonly info: FrameworkInfo;
  readonly suppressed: Set<string>;
  readonly options: FrameworkOptions;
  isActive: boolean;
}

interface Books {
  initialize: readonly unknown[] | undefined;
  readonly agents: Map<AgentId, Agent>;
  readonly frameworks: Map<FrameworkId, Framework>;
  readonly quotas: Map<string, Quota>;
  readonly weights: Map<string, WeightInfo>;
  whitelist: readonly unknown[] | undefined;
  isPaused: boolean;
}

type Acts<Calls> = {
  readonly [Name in keyof Calls]?: Calls[Name] extends (...args: infer Args) => unknown
    ? (books: Books, ...args: Args) => void
    : never;
};
type Act = (books: Books, ...args: readonly unknown[]) => void;

/**
 * An allocator knows everything by what it was told, and is told it once. So that one can begin
 * anew while the master goes on, what was told is summed up here: who is there, who holds what.
 */
export function rememberAllocation(): Memory {
  const books: Books = {
    ...{ initialize: undefined, whitelist: undefined, isPaused: false },
    ...{ agents: new Map(), frameworks: new Map(), quotas: new Map(), weights: new Map() },
  };
  return {
    called: (method, args) => actOf(calls, method)?.(books, ...args),
    answered(method, args, result) {
      if (method === 'updateAvailable' && (result as Result<void>).ok) convert(books, args);
    },
    heard: (method, args) => actOf(heard, method)?.(books, ...args),
    replay: () => replay(books),
  };
}

function actOf(acts: object, method: string): Act | undefined {
  return (acts as Readonly<Record<string, Act>>)[method];
}

const calls: Acts<Allocator> = {
  initialize(books, ...args) {
    books.initialize = args;
  },
  recover({ quotas }, _expectedAgents, recovered) {
    for (const [role, quota] of recovered) quotas.set(role, quota);
  },
  addFramework(books, id, info, used, isActive, options) {
    const suppressed = new Set(options.suppressedRoles);
    books.frameworks.set(id, { info, suppressed, options, isActive });
    for (const [agent, resources] of used) hold(books, id, agent, resources);
  },
  updateFramework({ frameworks }, id, info, options) {
    const isActive = frameworks.get(id)?.isActive ?? true;
    frameworks.set(id, { info, suppressed: new Set(options.suppressedRoles), options, isActive });
  },
  removeFramework({ agents, frameworks }, id) {
    frameworks.delete(id);
    for (const { used } of agents.values()) used.delete(id);
  },
  activateFramework: ({ frameworks }, id) => setActive(frameworks.get(id), true),
  deactivateFramework: ({ frameworks }, id) => setActive(frameworks.get(id), false),
  suppressOffers({ frameworks }, id, roles) {
    const framework = frameworks.get(id);
    if (!framework) return;
    const all = roles.size > 0 ? roles : (framework.info.roles ?? [framework.info.role ?? '*']);
    for (const role of all) framework.suppressed.add(role);
  },
  reviveOffers({ frameworks }, id, roles) {
    const suppressed = frameworks.get(id)?.suppressed;
    if (roles.size === 0) suppressed?.clear();
    for (const role of roles) suppressed?.delete(role);
  },
  addAgent({ agents }, id, info, capabilities, unavailability, total, used) {
    const own = { info, capabilities, unavailability, total, used: new Map(used) };
    agents.set(id, { ...own, isActive: true });
  },
  removeAgent: ({ agents }, id) => void agents.delete(id),
  updateAgent({ agents }, id, info, total, capabilities) {
    const agent = agents.get(id);
    if (!agent) return;
    agent.info = info;
    agent.total = total ?? agent.total;
    agent.capabilities = capabilities ?? agent.capabilities;
  },
  addResourceProvider(books, id, total, used) {
    const agent = books.agents.get(id);
    if (!agent) return;
    agent.total = agent.total.add(total);
    for (const [framework, resources] of used) hold(books, framework, id, resources);
  },
  activateAgent: ({ agents }, id) => setActive(agents.get(id), true),
  deactivateAgent: ({ agents }, id) => setActive(agents.get(id), false),
  updateUnavailability({ agents }, id, unavailability) {
    const agent = agents.get(id);
    if (agent) agent.unavailability = unavailability;
  },
  updateWhitelist(books, hostnames) {
    books.whitelist = [hostnames];
  },
  updateAllocation({ agents }, framework, id, _offered, conversions) {
    const agent = agents.get(id);
    if (!agent) return;
    const held = agent.used.get(framework)?.convert(conversions);
    const total = agent.total.convert(conversions.map(unallocateConversion));
    if (held?.ok) agent.used.set(framework, held.value);
    if (total.ok) agent.total = total.value;
  },
  recoverResources({ agents }, framework, id, resources) {
    const used = agents.get(id)?.used;
    const left = (used?.get(framework) ?? Resources.empty).subtract(resources);
    if (left.isEmpty) used?.delete(framework);
    else used?.set(framework, left);
  },
  updateQuota: ({ quotas }, role, quota) => void quotas.set(role, quota),
  updateWeights({ weights }, changed) {
    for (const weight of changed) weights.set(weight.role ?? '*', weight);
  },
  pause(books) {
    books.isPaused = true;
  },
  resume(books) {
    books.isPaused = false;
  },
};

const heard: Acts<AllocatorCallbacks> = {
  offer(books, framework, offered) {
    for (const agents of offered.values()) {
      for (const [agent, resources] of agents) hold(books, framework, agent, resources);
    }
  },
};

/** An operator's operations, once the allocator agreed. */
function convert({ agents }: Books, args: readonly unknown[]): void {
  const [id, operations] = args as Parameters<Allocator['updateAvailable']>;
  const agent = agents.get(id);
  for (const operation of operations) {
    const total = agent?.total.apply(operation);
    if (agent && total?.ok) agent.total = total.value;
  }
}

function hold(
  { agents }: Books,
  framework: FrameworkId,
  agent: AgentId,
  resources: Resources,
): void {
  const used = agents.get(agent)?.used;
  used?.set(framework, (used.get(framework) ?? Resources.empty).add(resources));
}

function setActive(one: { isActive: boolean } | undefined, isActive: boolean): void {
  if (one) one.isActive = isActive;
}

type Call = readonly [method: string, args: readonly unknown[]];

function replay(books: Books): readonly Call[] {
  if (!books.initialize) return [];
  const made: Call[] = [['initialize', books.initialize]];
  if (books.weights.size > 0) made.push(['updateWeights', [[...books.weights.values()]]]);
  if (books.whitelist) made.push(['updateWhitelist', books.whitelist]);
  for (const entry of books.quotas) made.push(['updateQuota', entry]);
  for (const [id, { info, suppressed, options, isActive }] of books.frameworks) {
    // What it holds comes with the agents.
    const now = { ...options, suppressedRoles: suppressed };
    made.push(['addFramework', [id, info, new Map(), isActive, now]]);
  }
  for (const [id, agent] of books.agents) {
    const { info, capabilities, unavailability, total, used, isActive } = agent;
    made.push(['addAgent', [id, info, capabilities, unavailability, total, used]]);
    if (!isActive) made.push(['deactivateAgent', [id]]);
  }
  if (books.isPaused) made.push(['pause', []]);
  return made;
}
