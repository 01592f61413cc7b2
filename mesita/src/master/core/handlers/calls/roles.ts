import { validateRole } from '@mesita/sdk/resources';
import type { scheduler } from '@mesita/sdk/types';
import type { Framework } from '../../framework.ts';
import { count } from '../../state.ts';
import { allocate, log, type Turn } from '../../turn.ts';

export function revive(
  turn: Turn,
  framework: Framework,
  { roles = [] }: scheduler.Call.Revive,
): void {
  count(turn.state, 'master/messages_revive_offers');
  if (!areSubscribed(turn, framework, roles, 'REVIVE')) return;
  for (const role of roles.length > 0 ? roles : framework.roles) {
    framework.suppressedRoles.delete(role);
  }
  allocate(turn, 'reviveOffers', framework.id, new Set(roles));
}

export function suppress(
  turn: Turn,
  framework: Framework,
  { roles = [] }: scheduler.Call.Suppress,
): void {
  count(turn.state, 'master/messages_suppress_offers');
  if (!areSubscribed(turn, framework, roles, 'SUPPRESS')) return;
  for (const role of roles.length > 0 ? roles : framework.roles)
    framework.suppressedRoles.add(role);
  allocate(turn, 'suppressOffers', framework.id, new Set(roles));
}

/** One wrong role spoils the whole call, with no other sign than a log line. */
function areSubscribed(
  turn: Turn,
  framework: Framework,
  roles: readonly string[],
  call: string,
): boolean {
  for (const role of roles) {
    const reason =
      validateRole(role) ?? (framework.roles.has(role) ? undefined : 'it is not subscribed');
    if (reason === undefined) continue;
    count(turn.state, 'master/dropped_messages');
    log(turn, 'warn', `${call} dropped`, { frameworkId: framework.id, role, reason });
    return false;
  }
  return true;
}
