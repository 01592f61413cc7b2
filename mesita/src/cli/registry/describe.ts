import { formatBytes } from '@mesita/sdk/base';
import type { RegistryRecords } from '../../master/core/registry/records.ts';
import type { StoredRecords } from '../../storage/storage.ts';

/** A line for each thing that there is. */
export function describeRegistry(stored: StoredRecords, records: RegistryRecords): string[] {
  const { master, agents, unreachable, gone, machines, weights, quotaConfigs, quotas } = records;
  const leader = master.get('')?.info;
  const drained = [...agents.values(), ...unreachable.values()];
  const rows: [string, string | number][] = [
    ['epoch', stored.epoch],
    ['leader', leader ? `${leader.id} at ${leader.pid ?? leader.hostname ?? leader.ip}` : ''],
    ['agents', agents.size],
    ['unreachable agents', unreachable.size],
    ['gone agents', gone.size],
    ['deactivated agents', drained.filter(({ deactivated }) => deactivated).length],
    ['machines in maintenance', machines.size],
    ['weights', [...weights.values()].map(({ info }) => `${info.role}=${info.weight}`).join(', ')],
    ['quotas of roles', [...quotas.keys(), ...quotaConfigs.keys()].join(', ')],
    ['minimum capabilities', [...records.capabilities.keys()].join(', ')],
    ['frameworks away', records.frameworks.size],
    ['records', `${stored.records.size}, ${formatBytes(sizeOf(stored))}`],
  ];
  const shown = rows.filter(([, value]) => value !== '' && value !== 0);
  return shown.map(([name, value]) => `${name.padEnd(24)} ${value}`);
}

function sizeOf({ records }: StoredRecords): number {
  let bytes = 0;
  for (const value of records.values()) bytes += value.length;
  return bytes;
}
