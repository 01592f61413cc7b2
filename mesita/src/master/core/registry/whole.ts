// The registry as one message: what Mesos stores and shows, and what the books are made from.
import type { TimeInfo } from '@mesita/sdk/types';
import type { FrameworkID } from '@mesita/sdk/types/mesos';
import type { Registry } from '../../../wire/types/registry.ts';
import { machineKey } from '../state.ts';
import { createRecords, type RegistryRecords } from './records.ts';

export interface ExpectedFramework {
  readonly id: FrameworkID;
  readonly until: TimeInfo;
}

/** Mesos' message, and what ours remembers besides. */
export interface WholeRegistry extends Registry {
  readonly frameworks?: readonly ExpectedFramework[] | undefined;
}

export function toWhole(records: RegistryRecords): WholeRegistry {
  const list = <T>(map: ReadonlyMap<string, T>) => (map.size > 0 ? [...map.values()] : undefined);
  const wrapped = (kind: 'agents' | 'unreachable' | 'gone' | 'machines') =>
    records[kind].size > 0 || records.emptied.has(kind);
  const resourceProviders = list(records.resourceProviders);
  const removedResourceProviders = list(records.removedResourceProviders);
  const frameworks = [...records.frameworks].map(([value, until]) => ({ id: { value }, until }));
  return {
    master: records.master.get(''),
    agents: wrapped('agents') ? { agents: [...records.agents.values()] } : undefined,
    machines: wrapped('machines') ? { machines: [...records.machines.values()] } : undefined,
    schedules: list(records.schedules),
    quotas: list(records.quotas),
    weights: list(records.weights),
    unreachable: wrapped('unreachable') ? { agents: [...records.unreachable.values()] } : undefined,
    gone: wrapped('gone') ? { agents: [...records.gone.values()] } : undefined,
    resourceProviderRegistry:
      resourceProviders || removedResourceProviders
        ? { resourceProviders, removedResourceProviders }
        : undefined,
    minimumCapabilities: list(records.capabilities),
    quotaConfigs: list(records.quotaConfigs),
    frameworks: frameworks.length > 0 ? frameworks : undefined,
    $unknown: records.unknown.get(''),
  };
}

/** Of what is named twice the last one counts; `findContradiction` tells of it. */
export function fromWhole(registry: WholeRegistry): RegistryRecords {
  const records = createRecords();
  const fill = <T>(map: Map<string, T>, values: readonly T[] = [], keyOf: (value: T) => string) => {
    for (const value of values) map.set(keyOf(value), value);
  };
  const { resourceProviderRegistry: providers } = registry;
  if (registry.master) records.master.set('', registry.master);
  fill(records.agents, registry.agents?.agents, ({ info }) => info.id?.value ?? '');
  fill(records.unreachable, registry.unreachable?.agents, ({ id }) => id.value);
  fill(records.gone, registry.gone?.agents, ({ id }) => id.value);
  fill(records.machines, registry.machines?.machines, ({ info: { id } }) => machineKey(id));
  registry.schedules?.forEach((schedule, index) => {
    records.schedules.set(String(index), schedule);
  });
  fill(records.weights, registry.weights, ({ info }) => info.role ?? '*');
  fill(records.quotas, registry.quotas, ({ info }) => info.role ?? '');
  fill(records.quotaConfigs, registry.quotaConfigs, ({ role }) => role);
  fill(records.capabilities, registry.minimumCapabilities, ({ capability }) => capability);
  fill(records.resourceProviders, providers?.resourceProviders, ({ id }) => id.value);
  fill(records.removedResourceProviders, providers?.removedResourceProviders, ({ id }) => id.value);
  for (const { id, until } of registry.frameworks ?? []) records.frameworks.set(id.value, until);
  for (const kind of ['agents', 'unreachable', 'gone', 'machines'] as const) {
    if (registry[kind] && records[kind].size === 0) records.emptied.add(kind);
  }
  if (registry.$unknown) records.unknown.set('', registry.$unknown);
  return records;
}
