import type { Quota } from '@mesita/sdk/module';
import {
  isInRoleSubtree,
  ResourceLimits,
  ResourceQuantities,
  type Resources,
} from '@mesita/sdk/resources';
import type { QuotaConfig } from '@mesita/sdk/types/quota';
import type { RequestId } from '../effects.ts';
import type { QuotaUpdated, SetQuota, UpdateQuota } from '../events.ts';
import type { OfferRecord } from '../offer.ts';
import { rescindOffer } from '../offer-life.ts';
import { type MasterState, setQuota } from '../state.ts';
import { allocate, log, type Turn } from '../turn.ts';
import { firstError } from '../validation/first-error.ts';
import { validateQuotaConfig } from '../validation/quota-config.ts';
import { validateQuotaRequest } from '../validation/quota-request.ts';

/** All roles or none. `force` leaves out what compares with the cluster as it is. */
export function updateQuota(turn: Turn, { requestId, configs, force }: UpdateQuota): void {
  const invalid =
    firstError(configs, (config) => reasonToRefuse(turn, config)) ??
    (force ? undefined : reasonNotFitting(turn.state, configs));
  if (invalid === undefined) persist(turn, requestId, configs);
  else turn.emit({ type: 'respond', requestId, status: 400, body: invalid });
}

function persist(turn: Turn, requestId: RequestId, configs: readonly QuotaConfig[]): void {
  turn.emit({
    type: 'persist',
    operation: { type: 'UpdateQuota', configs },
    then: { type: 'QuotaUpdated', configs, requestId },
  });
}

/** The old way: a role without quota gets a guarantee that is its limit too. */
export function requestQuota(turn: Turn, { requestId, request }: SetQuota): void {
  const { role = '', guarantee = [], force } = request;
  const refuse = (status: number, body: string) =>
    turn.emit({ type: 'respond', requestId, status, body });
  const invalid = validateQuotaRequest(request) ?? reasonNotSettable(turn, role);
  if (invalid !== undefined) {
    refuse(400, `Failed to validate set quota request: ${invalid}`);
    return;
  }
  const scalars = Object.fromEntries(
    guarantee.flatMap(({ name, scalar }) => (scalar ? [[name, scalar]] : [])),
  );
  const config = { role, guarantees: scalars, limits: scalars };
  const { guaranteed, capacity } = balance(turn.state, [config]);
  if (force || capacity.contains(guaranteed)) persist(turn, requestId, [config]);
  else {
    refuse(
      409,
      "Quota guarantees overcommit the cluster (use 'force' to bypass this check): " +
        `Total quota guarantees '${guaranteed}' exceed cluster capacity '${capacity}'`,
    );
  }
}

function reasonNotSettable({ state, config }: Turn, role: string): string | undefined {
  if (config.rolesWhitelist && !config.rolesWhitelist.has(role)) return `Unknown role '${role}'`;
  if (role.includes('/')) return `Setting quota on nested role '${role}' is not supported yet`;
  const quota = state.quotas.get(role);
  if (!quota || isDefaultQuota(quota)) return undefined;
  return `Cannot set quota for role '${role}' which already has quota`;
}

/** What a role has that nobody gave a quota, or that lost it. */
export function isDefaultQuota({ guarantees, limits }: Quota): boolean {
  return guarantees.isEmpty && limits.isUnlimited;
}

function reasonToRefuse({ config: { rolesWhitelist } }: Turn, config: QuotaConfig) {
  const { role } = config;
  if (rolesWhitelist && !rolesWhitelist.has(role)) {
    return `Invalid QuotaConfig: '${role}' is not on the roles whitelist`;
  }
  if (role.includes('/')) return `Updating quota on nested role '${role}' is not supported yet`;
  const error = validateQuotaConfig(config);
  return error === undefined ? undefined : `Invalid QuotaConfig: ${error}`;
}

function reasonNotFitting(state: MasterState, configs: readonly QuotaConfig[]): string | undefined {
  for (const config of configs) {
    const quota = quotaOf(config);
    const consumed = consumedQuota(state, config.role);
    if (quota.limits.allows(consumed)) continue;
    return (
      `Invalid QuotaConfig: Role '${config.role}' is already consuming '${consumed}'; ` +
      `this exceeds the requested limits '${quota.limits}' (use 'force' flag to bypass this check)`
    );
  }
  const { guaranteed, capacity } = balance(state, configs);
  if (capacity.contains(guaranteed)) return undefined;
  return (
    `Invalid QuotaConfig: total quota guarantees '${guaranteed}' exceed cluster capacity ` +
    `'${capacity}' (use 'force' flag to bypass this check)`
  );
}

/** All that is guaranteed, with these in force, and all that there is. */
function balance(state: MasterState, configs: readonly QuotaConfig[]) {
  const quotas = new Map(state.quotas);
  for (const config of configs) quotas.set(config.role, quotaOf(config));
  const agents = [...state.agents.registered.values()];
  return {
    guaranteed: sum([...quotas.values()].map(({ guarantees }) => guarantees)),
    capacity: sum(agents.map(({ total }) => total.nonRevocable().scalars().quantities())),
  };
}

export function quotaOf({ guarantees, limits }: QuotaConfig): Quota {
  return {
    guarantees: ResourceQuantities.fromScalars(guarantees),
    limits: ResourceLimits.fromScalars(limits),
  };
}

function sum(parts: readonly ResourceQuantities[]): ResourceQuantities {
  return parts.reduce((all, part) => all.add(part), ResourceQuantities.empty);
}

/** What counts, beside reservations: scalars that nobody reserved and nobody may take back. */
function chargeable(resources: Resources): ResourceQuantities {
  return resources.unreserved().nonRevocable().scalars().quantities();
}

function consumedQuota({ agents, frameworks }: MasterState, role: string): ResourceQuantities {
  return sum([
    ...[...agents.registered.values()].map(({ total }) =>
      total.reservedToRoleSubtree(role).nonRevocable().scalars().quantities(),
    ),
    ...[...frameworks.registered.values()].map(({ totalUsed }) =>
      chargeable(totalUsed.allocatedToRoleSubtree(role)),
    ),
  ]);
}

export function quotaUpdated(turn: Turn, { configs, requestId }: QuotaUpdated): void {
  for (const config of configs) {
    const quota = quotaOf(config);
    setQuota(turn.state, config.role, quota);
    allocate(turn, 'updateQuota', config.role, quota);
    rescindAboveLimits(turn, config.role, quota.limits);
    rescindForGuarantees(turn, config.role, quota.guarantees);
  }
  log(turn, 'info', 'quotas updated', { roles: configs.map(({ role }) => role) });
  turn.emit({ type: 'respond', requestId, status: 200 });
}

function rescindAboveLimits(turn: Turn, role: string, limits: ResourceLimits): void {
  const offers = offersOf(turn, (offer) => isInRoleSubtree(offer.role, role));
  let held = sum([consumedQuota(turn.state, role), ...offers.map(({ amounts }) => amounts)]);
  for (const { offer, amounts } of offers) {
    if (limits.allows(held)) return;
    if (amounts.isEmpty) continue;
    rescindOffer(turn, offer);
    held = held.subtract(amounts);
  }
}

/** Others' offers go until as much as is guaranteed came back, or none is left. */
function rescindForGuarantees(turn: Turn, role: string, guarantees: ResourceQuantities): void {
  let rescinded = ResourceQuantities.empty;
  for (const { offer, amounts } of offersOf(turn, (o) => !isInRoleSubtree(o.role, role))) {
    if (rescinded.contains(guarantees)) return;
    if (!turn.state.agents.registered.get(offer.agentId)?.active) continue;
    rescindOffer(turn, offer);
    rescinded = rescinded.add(amounts);
  }
}

function offersOf({ state }: Turn, isWanted: (offer: OfferRecord) => boolean) {
  return [...state.offers.values()]
    .filter(isWanted)
    .map((offer) => ({ offer, amounts: chargeable(offer.resources) }));
}
