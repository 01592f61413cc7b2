import type { WeightInfo } from '@mesita/sdk/types';
import type { QuotaConfig } from '@mesita/sdk/types/quota';
import { put, type RecordChange, type RegistryRecords, remove } from '../records.ts';

export function updateWeights(
  { weights }: RegistryRecords,
  infos: readonly WeightInfo[],
): readonly RecordChange[] {
  return infos
    .filter(({ role, weight }) => weights.get(role ?? '*')?.info.weight !== weight)
    .map((info) => put('weights', info.role ?? '*', { info }));
}

/** A master that knows only the quota of old must not take over what it cannot read. */
const capability = 'QUOTA_V2';

export function updateQuota(
  { quotas, quotaConfigs }: RegistryRecords,
  configs: readonly QuotaConfig[],
): readonly RecordChange[] {
  if (configs.length === 0) return [];
  const changes: RecordChange[] = [];
  const left = new Set(quotaConfigs.keys());
  for (const config of configs) {
    const { role } = config;
    if (quotas.has(role)) changes.push(remove('quotas', role));
    if (isDefault(config)) {
      left.delete(role);
      changes.push(remove('quotaConfigs', role));
    } else {
      left.add(role);
      changes.push(put('quotaConfigs', role, config));
    }
  }
  changes.push(
    left.size > 0
      ? put('capabilities', capability, { capability })
      : remove('capabilities', capability),
  );
  return changes;
}

function isDefault({ guarantees = {}, limits = {} }: QuotaConfig): boolean {
  const isNothing = Object.values(guarantees).every(({ value }) => value === 0);
  return isNothing && Object.keys(limits).length === 0;
}

export function recordCapabilities(
  { capabilities }: RegistryRecords,
  names: readonly string[],
): readonly RecordChange[] {
  return names
    .filter((name) => !capabilities.has(name))
    .map((name) => put('capabilities', name, { capability: name }));
}
