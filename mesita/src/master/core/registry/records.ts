// The registry as the master keeps it: records by kind and key, so that a change costs what it
// changes and not what the cluster holds.
import type { maintenance, TimeInfo } from '@mesita/sdk/types';
import type { QuotaConfig } from '@mesita/sdk/types/quota';
import type { Registry } from '../../../wire/types/registry.ts';
import type { ResourceProvider } from '../../../wire/types/resource-provider-registry.ts';

/** What a record of each kind holds. Keys are ids, roles, machines; '' where there is only one. */
export interface RecordTypes {
  master: Registry.Master;
  agents: Registry.Slave;
  unreachable: Registry.UnreachableSlave;
  gone: Registry.GoneSlave;
  machines: Registry.Machine;
  schedules: maintenance.Schedule;
  weights: Registry.Weight;
  quotas: Registry.Quota;
  quotaConfigs: QuotaConfig;
  capabilities: Registry.MinimumCapability;
  resourceProviders: ResourceProvider;
  removedResourceProviders: ResourceProvider;
  /** Ours, not Mesos': when a framework that is away counts as gone. */
  frameworks: TimeInfo;
  /** Fields of a newer schema, as they came. */
  unknown: Uint8Array;
}

export type RecordKind = keyof RecordTypes;

/** Values are never changed, only replaced. */
export type RegistryRecords = {
  readonly [Kind in RecordKind]: Map<string, RecordTypes[Kind]>;
} & {
  /** Kinds that have been emptied in this life: Mesos shows an empty list where one was. */
  readonly emptied: Set<RecordKind>;
};

/** One record that is put, or deleted when its value is undefined. */
export type RecordChange = {
  [Kind in RecordKind]: {
    readonly kind: Kind;
    readonly key: string;
    readonly value: RecordTypes[Kind] | undefined;
  };
}[RecordKind];

export function createRecords(): RegistryRecords {
  return {
    master: new Map(),
    agents: new Map(),
    unreachable: new Map(),
    gone: new Map(),
    machines: new Map(),
    schedules: new Map(),
    weights: new Map(),
    quotas: new Map(),
    quotaConfigs: new Map(),
    capabilities: new Map(),
    resourceProviders: new Map(),
    removedResourceProviders: new Map(),
    frameworks: new Map(),
    unknown: new Map(),
    emptied: new Set(),
  };
}

export function put<Kind extends RecordKind>(
  kind: Kind,
  key: string,
  value: RecordTypes[Kind],
): RecordChange {
  return { kind, key, value } as RecordChange;
}

export function remove(kind: RecordKind, key: string): RecordChange {
  return { kind, key, value: undefined };
}

export function applyChanges(records: RegistryRecords, changes: Iterable<RecordChange>): void {
  for (const { kind, key, value } of changes) {
    const map = records[kind] as Map<string, unknown>;
    if (value !== undefined) map.set(key, value);
    else if (map.delete(key) && map.size === 0) records.emptied.add(kind);
  }
}
