// An allocator that can be read in one go: whole agents, to frameworks in turn.

export const allocatorBefore = `
interface Framework {
  roles: readonly string[];
  suppressed: ReadonlySet<string>;
  isActive: boolean;
}

interface Agent {
  readonly hostname: string;
  total: Resources;
  held: Resources;
  isActive: boolean;
}
`;

export const allocatorBody = `
const frameworks = new Map<FrameworkId, Framework>();
const agents = new Map<AgentId, Agent>();
const refusedUntil = new Map<string, number>();
let callbacks: AllocatorCallbacks | undefined;
let whitelist: ReadonlySet<string> | undefined;
let isPaused = false;

function offerAgent(id: AgentId, agent: Agent): void {
  const free = agent.total.subtract(agent.held);
  const isOpen = agent.isActive && (whitelist?.has(agent.hostname) ?? true);
  if (!isOpen || free.isEmpty) return;
  for (const [framework, { roles, suppressed, isActive }] of [...frameworks]) {
    const role = roles.find((name) => !suppressed.has(name));
    const isRefused = (refusedUntil.get(framework + id) ?? 0) > context.clock.now();
    if (!isActive || role === undefined || isRefused) continue;
    const offered = free.allocatableTo(role);
    if (offered.isEmpty) continue;
    agent.held = agent.held.add(offered);
    callbacks?.offer(framework, new Map([[role, new Map([[id, offered.allocate(role)]])]]));
    // To the end of the queue.
    const last = frameworks.get(framework) as Framework;
    frameworks.delete(framework);
    frameworks.set(framework, last);
    return;
  }
}

function run(intervalMs: number): void {
  if (!isPaused) for (const [id, agent] of agents) offerAgent(id, agent);
  context.clock.setTimer(intervalMs, () => run(intervalMs));
}

const change = <T>(one: T | undefined, changes: Partial<T>) => {
  if (one) Object.assign(one, changes);
};

return {
  initialize(options, given) {
    callbacks = given;
    run(options.allocationIntervalMs);
  },
  recover() {},
  addFramework(id, { roles = [] }, used, isActive, { suppressedRoles }) {
    frameworks.set(id, { roles, suppressed: suppressedRoles, isActive });
    for (const [agent, resources] of used) {
      const known = agents.get(agent);
      if (known) known.held = known.held.add(resources.unallocate());
    }
  },
  removeFramework: (id) => void frameworks.delete(id),
  activateFramework: (id) => change(frameworks.get(id), { isActive: true }),
  deactivateFramework: (id) => change(frameworks.get(id), { isActive: false }),
  updateFramework: (id, { roles = [] }, { suppressedRoles }) =>
    change(frameworks.get(id), { roles, suppressed: suppressedRoles }),
  addAgent(id, { hostname }, _capabilities, _unavailability, total, used) {
    const held = Resources.sum([...used.values()].map((each) => each.unallocate()));
    agents.set(id, { hostname, total, held, isActive: true });
  },
  removeAgent: (id) => void agents.delete(id),
  updateAgent: (id, _info, total) => change(agents.get(id), total ? { total } : {}),
  addResourceProvider() {},
  activateAgent: (id) => change(agents.get(id), { isActive: true }),
  deactivateAgent: (id) => change(agents.get(id), { isActive: false }),
  updateWhitelist(hostnames) {
    whitelist = hostnames;
  },
  requestResources() {},
  updateAllocation() {},
  updateAvailable: () => ({ ok: false, error: 'It converts nothing for operators' }),
  updateUnavailability() {},
  updateInverseOffer() {},
  inverseOfferStatuses: () => new Map(),
  transitionOfferedToAllocated() {},
  recoverResources(framework, agent, resources, filters) {
    const known = agents.get(agent);
    if (known) known.held = known.held.subtract(resources.unallocate());
    const refusedMs = (filters?.refuseSeconds ?? 0) * 1_000;
    refusedUntil.set(framework + agent, context.clock.now() + refusedMs);
  },
  suppressOffers(id, roles) {
    const known = frameworks.get(id);
    const all = roles.size > 0 ? roles : known?.roles;
    if (known && all) known.suppressed = new Set([...known.suppressed, ...all]);
  },
  reviveOffers(id, roles) {
    const known = frameworks.get(id);
    if (!known) return;
    const isRevived = (role: string) => roles.size === 0 || roles.has(role);
    known.suppressed = new Set([...known.suppressed].filter((role) => !isRevived(role)));
    for (const agent of agents.keys()) refusedUntil.delete(id + agent);
  },
  updateQuota() {},
  updateWeights() {},
  pause() {
    isPaused = true;
  },
  resume() {
    isPaused = false;
  },
};`;
