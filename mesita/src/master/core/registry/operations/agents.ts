import { err, ok, type Result } from '@mesita/sdk/base';
import { toPostRefinement, toPreRefinement } from '@mesita/sdk/resources';
import type { AgentInfo, TimeInfo } from '@mesita/sdk/types';
import type { AgentID } from '@mesita/sdk/types/mesos';
import { deepEqual } from '../../deep-equal.ts';
import { put, type RecordChange, type RegistryRecords, remove } from '../records.ts';

type Changes = Result<readonly RecordChange[]>;

const unchanged: Changes = ok([]);

/** Ids of new agents are new: one that was ever seen must be taken up in another way. */
export function admit(records: RegistryRecords, info: AgentInfo): Changes {
  const id = idOf(info);
  const { agents, unreachable, gone } = records;
  if (agents.has(id) || unreachable.has(id) || gone.has(id)) return err('Agent already admitted');
  return ok([put('agents', id, { info: stored(info) })]);
}

export function update({ agents }: RegistryRecords, info: AgentInfo): Changes {
  const known = agents.get(idOf(info));
  if (!known) return err('Agent not yet admitted');
  const next = stored(info);
  return deepEqual(known.info, next)
    ? unchanged
    : ok([put('agents', idOf(info), { ...known, info: next })]);
}

export function removeAgent({ agents }: RegistryRecords, { value: id }: AgentID): Changes {
  return agents.has(id) ? ok([remove('agents', id)]) : err('Agent not yet admitted');
}

export function markUnreachable(records: RegistryRecords, id: AgentID, timestamp: TimeInfo) {
  const known = records.agents.get(id.value);
  if (!known) return err('Agent not yet admitted');
  const { drainInfo, deactivated = false } = known;
  return ok([
    remove('agents', id.value),
    put('unreachable', id.value, { id, timestamp, drainInfo, deactivated }),
  ]);
}

/** An agent that is in no list was forgotten while it was away: it is admitted all the same. */
export function markReachable(records: RegistryRecords, info: AgentInfo): Changes {
  const id = idOf(info);
  const { agents, unreachable, gone } = records;
  if (agents.has(id)) return unchanged;
  if (gone.has(id)) return err(`Agent ${id} is gone`);
  const was = unreachable.get(id);
  if (!was) return ok([put('agents', id, { info: stored(info) })]);
  const { drainInfo, deactivated = false } = was;
  return ok([
    put('agents', id, { info: stored(info), drainInfo, deactivated }),
    remove('unreachable', id),
  ]);
}

export function markGone(records: RegistryRecords, id: AgentID, timestamp: TimeInfo): Changes {
  if (records.gone.has(id.value)) return err(`Agent ${id.value} already marked as gone`);
  const from = (['agents', 'unreachable'] as const).find((kind) => records[kind].has(id.value));
  if (!from) return err(`Failed to find agent ${id.value}`);
  return ok([remove(from, id.value), put('gone', id.value, { id, timestamp })]);
}

/** Those that are not there any more were changed meanwhile, and stay as they are. */
export function prune(
  records: RegistryRecords,
  unreachable: readonly AgentID[],
  gone: readonly AgentID[],
): readonly RecordChange[] {
  const known = (kind: 'unreachable' | 'gone', ids: readonly AgentID[]) =>
    ids.filter(({ value }) => records[kind].has(value)).map(({ value }) => remove(kind, value));
  return [...known('unreachable', unreachable), ...known('gone', gone)];
}

function idOf({ id }: AgentInfo): string {
  return id?.value ?? '';
}

/** Resources as an older master reads them; refined reservations have no such spelling. */
function stored(info: AgentInfo): AgentInfo {
  if (info.resources === undefined) return info;
  return {
    ...info,
    resources: info.resources.map(
      (resource) => toPreRefinement(toPostRefinement(resource)) ?? resource,
    ),
  };
}
