// `/explain`: why a framework is not offered what it waits for.
import type { AgentId } from '@mesita/sdk/base';
import { err, ok, type Result } from '@mesita/sdk/base';
import type {
  FrameworkExplanation,
  OfferExplanation,
  PastOffer,
  RoleExplanation,
} from '@mesita/sdk/module';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { failure } from '../../net/responses.ts';
import { viewFor } from '../../net/view.ts';
import { isConnected } from '../core/framework.ts';
import type { Agent, Framework, MasterState } from '../core/state.ts';
import type { MasterSurface } from './surface.ts';
import { registeredIn } from './view.ts';

type Json = Record<string, unknown>;

/**
 * With `framework` (an id, or a name that only one has), and perhaps `role` and `agent` (an id or
 * a host name), the allocator's explanation; without, whom one can ask about.
 */
export async function explain(surface: MasterSurface, request: HttpRequest): Promise<HttpResponse> {
  const { state } = surface;
  const { query } = request;
  const seen = await viewFor(surface, request, (view) => registeredIn(state, view));
  const named = query.get('framework');
  if (named === undefined || named === '') {
    const frameworks = seen.map(frameworkJson);
    return json(request, JSON.stringify({ frameworks }));
  }
  const framework = findFramework(seen, named);
  if (!framework.ok) return failure(400, framework.error);
  const agent = findAgent(state, query.get('agent'));
  if (!agent.ok) return failure(400, agent.error);
  const role = query.get('role') || undefined;
  if (surface.explain === undefined) {
    return failure(501, 'The allocator of this master does not explain its decisions.');
  }
  const explanation = await surface.explain(framework.value.id, role, agent.value?.id);
  if (explanation === undefined) {
    return failure(404, `The allocator does not know the framework '${named}'.`);
  }
  return json(request, JSON.stringify(explanationJson(state, framework.value, explanation)));
}

function findFramework(frameworks: readonly Framework[], text: string): Result<Framework> {
  const byId = frameworks.find(({ id }) => id === text);
  const found = byId ? [byId] : frameworks.filter(({ info }) => info.name === text);
  const [first] = found;
  if (first === undefined) return err(`No framework '${text}' is registered.`);
  if (found.length === 1) return ok(first);
  return err(`${found.length} frameworks are named '${text}'; give the id of one.`);
}

function findAgent(state: MasterState, text: string | undefined): Result<Agent | undefined> {
  if (!text) return ok(undefined);
  const { registered } = state.agents;
  const byId = registered.get(text as AgentId);
  const found = byId
    ? [byId]
    : [...registered.values()].filter(({ info }) => info.hostname === text);
  const [first] = found;
  if (first === undefined) return err(`No agent '${text}' is registered.`);
  if (found.length === 1) return ok(first);
  return err(`${found.length} agents are on '${text}'; give the id of one.`);
}

function frameworkJson(framework: Framework): Json {
  return {
    id: framework.id,
    name: framework.info.name,
    active: framework.active && isConnected(framework),
    roles: [...framework.roles],
    suppressed_roles: [...framework.suppressedRoles],
    outstanding_offers: framework.offers.size,
  };
}

function explanationJson(
  state: MasterState,
  framework: Framework,
  { roles, offers }: FrameworkExplanation,
): Json {
  const hostnameOf = (id: AgentId) => state.agents.registered.get(id)?.info.hostname;
  return {
    framework: frameworkJson(framework),
    roles: roles.map((role) => roleJson(state, role, hostnameOf)),
    offers: offers.map((offer) => offerJson(offer, hostnameOf)),
  };
}

function roleJson(
  state: MasterState,
  { role, share, open, stopped, before, agents, rolesBefore, roleShare }: RoleExplanation,
  hostnameOf: (id: AgentId) => string | undefined,
): Json {
  return {
    role,
    dominant_share: share,
    agents_open: open,
    stopped: [...stopped].map(([gate, count]) => ({ gate, agents: count })),
    asked_before: before.map((other) => ({
      framework_id: other.framework,
      name: state.frameworks.registered.get(other.framework)?.info.name,
      dominant_share: other.share,
    })),
    role_dominant_share: roleShare,
    roles_asked_before: rolesBefore?.map((other) => ({
      role: other.role,
      dominant_share: other.share,
    })),
    agents: agents.map((each) => agentJson(each, hostnameOf)),
  };
}

function agentJson(
  { agent, gate, reason, remedy }: OfferExplanation,
  hostnameOf: (id: AgentId) => string | undefined,
): Json {
  return { agent_id: agent, hostname: hostnameOf(agent), gate: gate ?? null, reason, remedy };
}

function offerJson(
  { agent, role, resources, timestampMs, outcome }: PastOffer,
  hostnameOf: (id: AgentId) => string | undefined,
): Json {
  return {
    agent_id: agent,
    hostname: hostnameOf(agent),
    role,
    resources: String(resources.unallocate()),
    offered_at: timestampMs / 1000,
    outcome,
  };
}
