import type { FrameworkId } from '@mesita/sdk/base';
import type { Agent } from './agent.ts';
import type { Role } from './role-tree.ts';
import type { State } from './state.ts';

const NAMED = 5;

/** Why nothing of an agent is left for a role: who has it, and what would set it free. */
export function whoHolds(
  state: State,
  agent: Agent,
  role: Role,
): { reason: string; remedy?: string } {
  const rest = agent.available;
  if (!rest.isEmpty)
    return { reason: `what is available is reserved to others than ${role.path}: ${rest}` };
  const holders = new Set([
    ...[...agent.held].map(({ framework }) => framework),
    ...agent.grants.map(({ subscription }) => subscription.framework.id),
  ]);
  if (holders.size === 0) return { reason: 'the agent has no resources' };
  const claims = [...holders].slice(0, NAMED).map((id) => claimOf(state, agent, id));
  const reason = `everything is held by ${claims.map(({ text }) => text).join(', ')}`;
  const remedy = claims.some(({ isOffer }) => isOffer)
    ? 'an answer to these offers, or --offer_timeout'
    : 'wait until tasks end, or add agents';
  return { reason, remedy };
}

/** Offers that are not answered are told from tasks, as far back as offers are remembered. */
function claimOf(
  { agenda, frameworks }: State,
  agent: Agent,
  id: FrameworkId,
): { text: string; isOffer: boolean } {
  const framework = frameworks.get(id);
  if (framework === undefined)
    return { text: `${id}, which has not come back yet`, isOffer: false };
  const { name } = framework.info;
  const who = name === '' || name === id ? id : `${id} (${name})`;
  const offer = framework.history
    .latestFirst()
    .find(({ agent: on, outcome }) => on === agent.id && outcome === 'OPEN');
  if (offer === undefined) return { text: who, isOffer: false };
  const seconds = Math.max(0, agenda.now() - offer.timestampMs) / 1000;
  return { text: `${who}, to whom it was offered ${seconds.toFixed(1)} s ago`, isOffer: true };
}
