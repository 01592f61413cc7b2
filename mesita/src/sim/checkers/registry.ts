import { decodeRecords, encodeRecords } from '../../master/core/registry/encoding.ts';
import type { RegistryRecords } from '../../master/core/registry/records.ts';
import { fromWhole, type WholeRegistry } from '../../master/core/registry/whole.ts';
import type { MasterState } from '../../master/core/state.ts';
import type { Fail } from './checks.ts';

type Stored = ReadonlyMap<string, Uint8Array>;

/** What masters believe to be written, is; and it is about the agents that were admitted. */
export interface RegistryChecks {
  /** A master has read the registry, or was told that all its changes are durable. */
  acknowledged(master: string, registry: WholeRegistry, stored: Stored): void;
  /** A master tells an agent that it is admitted. */
  admitted(master: string, agentId: string, stored: Stored): void;
  /** When no change is under way: the books of one who leads, against what is stored. */
  compare(master: string, state: MasterState, stored: Stored): void;
}

export function createRegistryChecks(fail: Fail): RegistryChecks {
  return {
    acknowledged(master, registry, stored) {
      const found = firstDifference(encodeRecords(fromWhole(registry)), stored);
      if (found) fail(`${master} believes in another registry than is stored: ${found}`, [master]);
    },
    admitted(master, agentId, stored) {
      if (stored.has(`agents/${agentId}`)) return;
      fail(`${master} admits ${agentId}, and the registry does not say so`, [agentId]);
    },
    compare(master, state, stored) {
      if (isChanging(state)) return;
      const records = decodeRecords(stored);
      if (!records.ok) fail(`the registry cannot be read: ${records.error}`, [master]);
      else compareAgents(master, state, records.value, fail);
    },
  };
}

function compareAgents(
  master: string,
  { agents }: MasterState,
  records: RegistryRecords,
  fail: Fail,
): void {
  const compare = (what: string, ours: Iterable<string>, theirs: ReadonlyMap<string, unknown>) => {
    const left = new Set(theirs.keys());
    for (const id of ours) {
      if (!left.delete(id)) fail(`${id} is ${what} to ${master}, not to the registry`, [id]);
    }
    for (const id of left) fail(`${id} is ${what} to the registry, not to ${master}`, [id]);
  };
  compare('admitted', [...agents.registered.keys(), ...agents.recovered.keys()], records.agents);
  compare('unreachable', agents.unreachable.keys(), records.unreachable);
  compare('gone', agents.gone.keys(), records.gone);
}

function isChanging({ agents, recovered }: MasterState): boolean {
  const { registering, reregistering, removing, markingUnreachable, markingGone } = agents;
  const sets = [registering, reregistering, removing, markingUnreachable, markingGone];
  return !recovered || sets.some(({ size }) => size > 0);
}

function firstDifference(ours: Stored, theirs: Stored): string | undefined {
  for (const [key, value] of ours) {
    const other = theirs.get(key);
    if (!other) return `'${key}' is not stored`;
    if (Buffer.compare(value, other) !== 0) return `'${key}' differs`;
  }
  for (const key of theirs.keys()) if (!ours.has(key)) return `'${key}' is stored`;
  return undefined;
}
