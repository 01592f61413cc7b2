import type { AgentId } from '@mesita/sdk/base';
import type {
  FrameworkExplanation,
  OfferExplanation,
  OfferGate,
  RoleExplanation,
} from '@mesita/sdk/module';
import type { Agent } from './agent.ts';
import { gateOf } from './explain-gates.ts';
import type { Framework } from './framework.ts';
import type { State } from './state.ts';

const EXAMPLES_PER_GATE = 3;
const PREDECESSORS = 10;

/** Looks at everything anew, as a run would, and changes nothing. */
export function explain(
  state: State,
  framework: Framework,
  role?: string,
  agentId?: AgentId,
): FrameworkExplanation {
  const agent = agentId === undefined ? undefined : state.agents.get(agentId);
  const agents =
    agentId === undefined ? [...state.agents.values()] : agent === undefined ? [] : [agent];
  const roles = role === undefined ? [...framework.roles] : [role];
  return {
    framework: framework.id,
    roles: roles.map((path) => explainRole(state, framework, path, agents)),
    offers: framework.history.latestFirst(),
  };
}

function explainRole(
  state: State,
  framework: Framework,
  path: string,
  agents: readonly Agent[],
): RoleExplanation {
  const stopped = new Map<OfferGate, number>();
  const examples: OfferExplanation[] = [];
  let open = 0;
  for (const agent of agents) {
    const explanation = gateOf(state, framework, path, agent);
    const { gate } = explanation;
    const count = gate === undefined ? open++ : (stopped.get(gate) ?? 0);
    if (gate !== undefined) stopped.set(gate, count + 1);
    if (count < EXAMPLES_PER_GATE) examples.push(explanation);
  }
  return {
    role: path,
    ...{ stopped, open, agents: examples },
    ...order(framework, path),
    ...orderOfRoles(state, path),
  };
}

/** Without shares the order is drawn, or a module's: there is nothing to tell of the next one. */
function orderOfRoles(
  { roles, roleSorter }: State,
  path: string,
): Pick<RoleExplanation, 'rolesBefore' | 'roleShare'> {
  const role = roles.get(path);
  const share = role?.client && roleSorter.shareOf(role.client);
  if (role === undefined || share === undefined) return {};
  const before: { role: string; share?: number }[] = [];
  if (role.active > 0) {
    roleSorter.walk((other) => {
      if (other === role) return true;
      const otherShare = other.client && roleSorter.shareOf(other.client);
      before.unshift({ role: other.path, ...(otherShare !== undefined && { share: otherShare }) });
      return false;
    });
  }
  return { rolesBefore: before.slice(0, PREDECESSORS), roleShare: share };
}

function order(framework: Framework, path: string): Pick<RoleExplanation, 'before' | 'share'> {
  const subscription = framework.subscriptions.get(path);
  const sorter = subscription?.role.sorter;
  if (subscription === undefined || sorter === undefined) return { before: [] };
  const before: { framework: Framework['id']; share?: number }[] = [];
  if (subscription.isActive) {
    sorter.walk((other) => {
      if (other === subscription) return true;
      const share = sorter.shareOf(other.client);
      before.unshift({ framework: other.framework.id, ...(share !== undefined && { share }) });
      return false;
    });
  }
  const share = sorter.shareOf(subscription.client);
  return { before: before.slice(0, PREDECESSORS), ...(share !== undefined && { share }) };
}
