import type { OfferExplanation, OfferGate } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { Agent } from './agent.ts';
import { isRemote, REFINED, REVOCABLE, SHARED } from './capabilities.ts';
import { whoHolds } from './explain-holders.ts';
import type { Framework, Subscription } from './framework.ts';
import { meetsMinimum, shortOf } from './minimum.ts';
import { refusalOf } from './parts.ts';
import type { Role } from './role-tree.ts';
import { chop } from './run/chop.ts';
import { minimumsFor } from './run/gates.ts';
import { Headroom } from './run/headroom.ts';
import type { Portion } from './run/portions.ts';
import type { State } from './state.ts';

interface Stop {
  readonly gate: OfferGate;
  readonly reason: string;
  readonly remedy?: string;
}

/** The first gate that keeps the agent from being offered, asked in the order of a run. */
export function gateOf(
  state: State,
  framework: Framework,
  role: string,
  agent: Agent,
): OfferExplanation {
  const subscription = framework.subscriptions.get(role);
  const stop =
    frameworkGate(state, framework, role) ??
    agentGate(state, agent) ??
    (subscription &&
      (portionGate(state, subscription, agent) ?? quotaGate(state, subscription, agent)));
  if (stop !== undefined) return { agent: agent.id, ...stop };
  return { agent: agent.id, reason: 'will be offered in the next run, after those who come first' };
}

function frameworkGate(state: State, framework: Framework, role: string): Stop | undefined {
  if (state.isPaused) {
    const missing = (state.expectedAgents ?? 0) - state.agents.size;
    const reason =
      missing > 0 ? `waiting for ${missing} more agents to come back` : 'allocation is paused';
    return { gate: 'ALLOCATOR_PAUSED', reason };
  }
  if (!framework.isActive) {
    return {
      gate: 'FRAMEWORK_DEACTIVATED',
      reason: 'the framework is not connected',
      remedy: 'subscribe again',
    };
  }
  if (!framework.roles.has(role)) {
    return {
      gate: 'ROLE_NOT_SUBSCRIBED',
      reason: `the framework does not subscribe to ${role}`,
      remedy: 'update the framework with this role',
    };
  }
  if (framework.suppressed.has(role)) {
    return {
      gate: 'ROLE_SUPPRESSED',
      reason: `the framework suppressed ${role}`,
      remedy: 'revive the role',
    };
  }
  return undefined;
}

function agentGate(state: State, agent: Agent): Stop | undefined {
  if (!agent.isActive)
    return {
      gate: 'AGENT_DEACTIVATED',
      reason: 'the agent is disconnected, drained or deactivated',
      remedy: 'bring it back, or reactivate it',
    };
  const { hostname } = agent.info;
  if (state.whitelist === undefined || state.whitelist.has(hostname)) return undefined;
  return {
    gate: 'AGENT_NOT_WHITELISTED',
    reason: `${hostname} is not in the whitelist`,
    remedy: 'add it there',
  };
}

function portionGate(state: State, subscription: Subscription, agent: Agent): Stop | undefined {
  const { framework, role } = subscription;
  if (framework.constraints?.excludes(role.path, agent.info)) {
    return {
      gate: 'OFFER_CONSTRAINTS',
      reason: `for the framework ${framework.constraints.unsatisfied(role.path, agent.info).join(', or ')}`,
      remedy: 'the offer_constraints of the framework, or the attributes of the agent',
    };
  }
  const everything = agent.portions.of(role.path);
  if (everything.isEmpty) return { gate: 'NOTHING_AVAILABLE', ...whoHolds(state, agent, role) };
  const minimums = minimumsFor(state, subscription);
  if (!everything.meets(minimums)) {
    const short = shortOf(everything.whole, minimums);
    const reason = `${everything.whole} is less than ${minimums.join(' or ')}: ${short} is missing`;
    return {
      gate: 'BELOW_MINIMUM',
      reason,
      remedy:
        'wait until more is free, or set min_allocatable_resources in offer_filters of the role',
    };
  }
  const { capabilities } = framework;
  if (state.options.filterGpuResources && agent.hasGpus && !capabilities.gpuResources) {
    return {
      gate: 'GPU_AGENT',
      reason: 'the agent has GPUs',
      remedy: 'the capability GPU_RESOURCES, or --filter_gpu_resources=false',
    };
  }
  if (!capabilities.regionAware && isRemote(agent.info.domain, state.options.domain)) {
    return {
      gate: 'REMOTE_REGION',
      reason: 'the agent is in another region',
      remedy: 'the capability REGION_AWARE',
    };
  }
  return capabilityGate(subscription, agent);
}

function capabilityGate({ framework, role }: Subscription, agent: Agent): Stop | undefined {
  const { handles, multiRole } = framework.capabilities;
  if (agent.portions.for(role.path, handles).isEmpty) {
    const lacking = [
      ...(handles & SHARED ? [] : ['SHARED_RESOURCES']),
      ...(handles & REVOCABLE ? [] : ['REVOCABLE_RESOURCES']),
      ...(handles & REFINED ? [] : ['RESERVATION_REFINEMENT']),
    ];
    return {
      gate: 'CAPABILITY',
      reason: `${agent.portions.of(role.path).whole} can only be handled with further capabilities`,
      remedy: `a capability of ${lacking.join(', ')}`,
    };
  }
  if (multiRole && !agent.capabilities.multiRole) {
    return {
      gate: 'AGENT_NOT_MULTI_ROLE',
      reason: 'the framework is MULTI_ROLE and the agent is not',
      remedy: 'a newer agent',
    };
  }
  if (role.path.includes('/') && !agent.capabilities.hierarchicalRole) {
    return {
      gate: 'AGENT_NOT_HIERARCHICAL_ROLE',
      reason: 'the agent does not know nested roles',
      remedy: 'a newer agent',
    };
  }
  return undefined;
}

function quotaGate(state: State, subscription: Subscription, agent: Agent): Stop | undefined {
  const { framework, role, refusals } = subscription;
  const portion = agent.portions.for(role.path, framework.capabilities.handles);
  const minimums = minimumsFor(state, subscription);
  const isTooLittle = (extra: Resources) => !meetsMinimum(offerOf(portion, extra), minimums);
  let extra = portion.free;
  if (state.limits.concern(role)) {
    const limit = (name: number) => state.limits.left(role, name);
    extra = chop(extra, state.names, limit, undefined);
    if (isTooLittle(extra)) {
      const limited = limitedRole(role);
      const reason = `the limit of ${limited.path} (${limited.quota.source?.limits}) leaves ${extra}`;
      return { gate: 'QUOTA_LIMIT', reason, remedy: `raise the limit of ${limited.path}` };
    }
  }
  const headroom = new Headroom(state);
  if (headroom.isRequired) {
    extra = chop(extra, state.names, (name) => headroom.surplus(name), undefined);
    if (isTooLittle(extra)) {
      const lacking = [...state.roles.guaranteed]
        .filter((other) => other.unsatisfiedMask !== 0)
        .map(({ path }) => path);
      const reason = `held back for the guarantees of ${lacking.slice(0, 5).join(', ')}`;
      return { gate: 'QUOTA_HEADROOM', reason, remedy: 'add agents, or lower the guarantees' };
    }
  }
  const filter = agent.filterAgainst(refusals, offerOf(portion, extra));
  if (filter === undefined) return moduleGate(state, subscription, agent, offerOf(portion, extra));
  const seconds = Math.max(0, (filter.until - state.agenda.now()) / 1000);
  const reason = `the framework refused ${filter.refused} for another ${seconds.toFixed(1)} s`;
  return { gate: 'OFFER_FILTER', reason, remedy: 'revive the role, or wait' };
}

/** The role itself or, where their limits count, the nearest one above it that has some. */
function limitedRole(role: Role): Role {
  for (let node: Role | undefined = role; node !== undefined; node = node.parent)
    if (node.quota.hasLimits) return node;
  return role;
}

function moduleGate(
  { log, parts }: State,
  subscription: Subscription,
  agent: Agent,
  offer: Resources,
): Stop | undefined {
  const reason = refusalOf(log, parts.offerFilters, agent, subscription, offer);
  return reason === undefined ? undefined : { gate: 'MODULE_FILTER', reason };
}

function offerOf(portion: Portion, extra: Resources): Resources {
  return extra === portion.free ? portion.whole : portion.bound.add(extra);
}
