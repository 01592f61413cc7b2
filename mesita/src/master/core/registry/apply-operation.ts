import { err, ok, type Result } from '@mesita/sdk/base';
import { toPreRefinement } from '@mesita/sdk/resources';
import type { AgentInfo, Resource, TimeInfo, WeightInfo } from '@mesita/sdk/types';
import type { AgentID } from '@mesita/sdk/types/mesos';
import type { QuotaConfig } from '@mesita/sdk/types/quota';
import type { Registry } from '../../../wire/types/registry.ts';
import { deepEqual } from '../deep-equal.ts';
import type { RegistryOperation } from './operation.ts';

/** The registry after an operation: the same object when nothing changed, an error when it does not apply. */
export function applyOperation(registry: Registry, operation: RegistryOperation): Result<Registry> {
  switch (operation.type) {
    case 'AdmitAgent':
      return admit(registry, operation.info);
    case 'UpdateAgent':
      return update(registry, operation.info);
    case 'RemoveAgent':
      return remove(registry, operation.id);
    case 'MarkAgentUnreachable':
      return markUnreachable(registry, operation.id, operation.time);
    case 'MarkAgentReachable':
      return markReachable(registry, operation.info);
    case 'MarkAgentGone':
      return markGone(registry, operation.id, operation.time);
    case 'Prune':
      return ok(prune(registry, operation.unreachable, operation.gone));
    case 'UpdateWeights':
      return ok(updateWeights(registry, operation.weights));
    case 'UpdateQuota':
      return ok(updateQuota(registry, operation.configs));
    case 'RecordCapabilities':
      return ok(recordCapabilities(registry, operation.capabilities));
  }
}

function admit(registry: Registry, info: AgentInfo): Result<Registry> {
  if (findAdmitted(registry, info.id)) return err('Agent already admitted');
  return ok(withAdmitted(registry, [...admitted(registry), { info: stored(info) }]));
}

function update(registry: Registry, info: AgentInfo): Result<Registry> {
  const known = findAdmitted(registry, info.id);
  if (!known) return err('Agent not yet admitted');
  const next = stored(info);
  if (deepEqual(known.info, next)) return ok(registry);
  const agents = admitted(registry).map((agent) =>
    agent === known ? { ...agent, info: next } : agent,
  );
  return ok(withAdmitted(registry, agents));
}

function remove(registry: Registry, id: AgentID): Result<Registry> {
  const known = findAdmitted(registry, id);
  return known ? ok(withoutAdmitted(registry, known)) : err('Agent not yet admitted');
}

function markUnreachable(registry: Registry, id: AgentID, timestamp: TimeInfo): Result<Registry> {
  const known = findAdmitted(registry, id);
  if (!known) return err('Agent not yet admitted');
  const { drainInfo, deactivated = false } = known;
  const agents = [...unreachable(registry), { id, timestamp, drainInfo, deactivated }];
  return ok({ ...withoutAdmitted(registry, known), unreachable: { agents } });
}

/** An agent that is in no list was forgotten while it was away: it is admitted all the same. */
function markReachable(registry: Registry, info: AgentInfo): Result<Registry> {
  if (findAdmitted(registry, info.id)) return ok(registry);
  const was = unreachable(registry).find(({ id }) => id.value === info.id?.value);
  const entry = {
    info: stored(info),
    ...(was && { drainInfo: was.drainInfo, deactivated: was.deactivated ?? false }),
  };
  const next = withAdmitted(registry, [...admitted(registry), entry]);
  if (!was) return ok(next);
  return ok({
    ...next,
    unreachable: { agents: unreachable(registry).filter((agent) => agent !== was) },
  });
}

function markGone(registry: Registry, id: AgentID, timestamp: TimeInfo): Result<Registry> {
  if (gone(registry).some((agent) => agent.id.value === id.value)) {
    return err(`Agent ${id.value} already marked as gone`);
  }
  const next = { ...registry, gone: { agents: [...gone(registry), { id, timestamp }] } };
  const known = findAdmitted(registry, id);
  if (known) return ok(withoutAdmitted(next, known));
  const rest = unreachable(registry).filter((agent) => agent.id.value !== id.value);
  if (rest.length === unreachable(registry).length) return err(`Failed to find agent ${id.value}`);
  return ok({ ...next, unreachable: { agents: rest } });
}

function prune(
  registry: Registry,
  unreachableIds: readonly AgentID[],
  goneIds: readonly AgentID[],
): Registry {
  const keptUnreachable = without(unreachable(registry), unreachableIds);
  const keptGone = without(gone(registry), goneIds);
  const isUnchanged =
    keptUnreachable.length === unreachable(registry).length &&
    keptGone.length === gone(registry).length;
  if (isUnchanged) return registry;
  return { ...registry, unreachable: { agents: keptUnreachable }, gone: { agents: keptGone } };
}

function without<T extends { readonly id: AgentID }>(
  agents: readonly T[],
  ids: readonly AgentID[],
): readonly T[] {
  const removed = new Set(ids.map(({ value }) => value));
  return agents.filter(({ id }) => !removed.has(id.value));
}

function updateWeights(registry: Registry, weights: readonly WeightInfo[]): Registry {
  const byRole = new Map((registry.weights ?? []).map(({ info }) => [info.role, info]));
  let isChanged = false;
  for (const info of weights) {
    if (byRole.get(info.role)?.weight === info.weight) continue;
    byRole.set(info.role, info);
    isChanged = true;
  }
  return isChanged
    ? { ...registry, weights: [...byRole.values()].map((info) => ({ info })) }
    : registry;
}

/** A master that knows only the quota of old must not take over what it cannot read. */
function updateQuota(registry: Registry, configs: readonly QuotaConfig[]): Registry {
  if (configs.length === 0) return registry;
  const byRole = new Map((registry.quotaConfigs ?? []).map((config) => [config.role, config]));
  for (const config of configs) {
    if (isDefault(config)) byRole.delete(config.role);
    else byRole.set(config.role, config);
  }
  const roles = new Set(configs.map(({ role }) => role));
  const others = (registry.minimumCapabilities ?? []).filter(
    ({ capability }) => capability !== 'QUOTA_V2',
  );
  return {
    ...registry,
    quotas: (registry.quotas ?? []).filter(({ info }) => !roles.has(info.role ?? '')),
    quotaConfigs: [...byRole.values()],
    minimumCapabilities: byRole.size > 0 ? [...others, { capability: 'QUOTA_V2' }] : others,
  };
}

function isDefault({ guarantees = {}, limits = {} }: QuotaConfig): boolean {
  const isNothing = Object.values(guarantees).every(({ value }) => value === 0);
  return isNothing && Object.keys(limits).length === 0;
}

function recordCapabilities(registry: Registry, capabilities: readonly string[]): Registry {
  const known = new Set((registry.minimumCapabilities ?? []).map(({ capability }) => capability));
  const added = capabilities.filter((capability) => !known.has(capability));
  if (added.length === 0) return registry;
  const minimumCapabilities = [
    ...(registry.minimumCapabilities ?? []),
    ...added.map((capability) => ({ capability })),
  ];
  return { ...registry, minimumCapabilities };
}

function admitted(registry: Registry): readonly Registry.Slave[] {
  return registry.agents?.agents ?? [];
}

function unreachable(registry: Registry): readonly Registry.UnreachableSlave[] {
  return registry.unreachable?.agents ?? [];
}

function gone(registry: Registry): readonly Registry.GoneSlave[] {
  return registry.gone?.agents ?? [];
}

function findAdmitted(registry: Registry, id: AgentID | undefined): Registry.Slave | undefined {
  return admitted(registry).find(({ info }) => info.id?.value === id?.value);
}

function withAdmitted(registry: Registry, agents: readonly Registry.Slave[]): Registry {
  return { ...registry, agents: { agents } };
}

function withoutAdmitted(registry: Registry, agent: Registry.Slave): Registry {
  return withAdmitted(
    registry,
    admitted(registry).filter((other) => other !== agent),
  );
}

/** Resources as an older master reads them; refined reservations have no such spelling. */
function stored(info: AgentInfo): AgentInfo {
  if (info.resources === undefined) return info;
  const resources: Resource[] = info.resources.map(
    (resource) => toPreRefinement(resource) ?? resource,
  );
  return { ...info, resources };
}
