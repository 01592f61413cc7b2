import { err, ok, type Result } from '@mesita/sdk/base';
import type { DrainInfo, DurationInfo } from '@mesita/sdk/types';
import type { AgentID } from '@mesita/sdk/types/mesos';
import { put, type RecordChange, type RegistryRecords, remove } from '../records.ts';

type Changes = Result<readonly RecordChange[]>;

/** A master without it would offer agents that were deactivated. */
const capability = 'AGENT_DRAINING';

/** Drained or deactivated agents may be away: their record is then among the unreachable ones. */
interface Draining {
  readonly drainInfo: DrainInfo | undefined;
  readonly deactivated: boolean | undefined;
}

export function drain(
  records: RegistryRecords,
  id: AgentID,
  maxGracePeriod: DurationInfo | undefined,
  markGone: boolean,
): readonly RecordChange[] {
  const known = find(records, id);
  if (!known) return [];
  // A period given before stays when none is given now.
  const period = maxGracePeriod ?? known.value.drainInfo?.config.maxGracePeriod;
  const drainInfo: DrainInfo = {
    state: 'DRAINING',
    config: { ...(period && { maxGracePeriod: period }), markGone },
  };
  return [known.put({ drainInfo, deactivated: true }), ...requirement(records)];
}

export function markDrained(records: RegistryRecords, id: AgentID): Changes {
  const known = find(records, id);
  if (!known) return ok([]);
  const { drainInfo, deactivated } = known.value;
  if (drainInfo?.state !== 'DRAINING') return err(`Agent ${id.value} is not DRAINING`);
  return ok([known.put({ drainInfo: { ...drainInfo, state: 'DRAINED' }, deactivated })]);
}

export function deactivate(records: RegistryRecords, id: AgentID): readonly RecordChange[] {
  const known = find(records, id);
  if (!known) return [];
  const { drainInfo } = known.value;
  return [known.put({ drainInfo, deactivated: true }), ...requirement(records)];
}

export function reactivate(records: RegistryRecords, id: AgentID): readonly RecordChange[] {
  const known = find(records, id);
  if (!known) return [];
  const changed = known.put({ drainInfo: undefined, deactivated: undefined });
  return hasOtherDeactivated(records, id)
    ? [changed]
    : [changed, remove('capabilities', capability)];
}

function requirement({ capabilities }: RegistryRecords): readonly RecordChange[] {
  return capabilities.has(capability) ? [] : [put('capabilities', capability, { capability })];
}

function hasOtherDeactivated({ agents, unreachable }: RegistryRecords, id: AgentID): boolean {
  for (const [other, { deactivated }] of [...agents, ...unreachable]) {
    if (deactivated && other !== id.value) return true;
  }
  return false;
}

function find({ agents, unreachable }: RegistryRecords, { value: id }: AgentID) {
  const admitted = agents.get(id);
  if (admitted) {
    return {
      value: admitted,
      put: (draining: Draining) => put('agents', id, { ...admitted, ...draining }),
    };
  }
  const away = unreachable.get(id);
  if (!away) return undefined;
  return {
    value: away,
    put: (draining: Draining) => put('unreachable', id, { ...away, ...draining }),
  };
}
