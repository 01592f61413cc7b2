import type { MachineID, maintenance, Unavailability } from '@mesita/sdk/types';
import { machineKey } from '../../state.ts';
import { put, type RecordChange, type RegistryRecords, remove } from '../records.ts';

/** The schedule as a whole takes the place of the one before, with the machines that it names. */
export function updateSchedule(
  records: RegistryRecords,
  schedule: maintenance.Schedule,
): readonly RecordChange[] {
  const scheduled = new Set<string>();
  for (const { windows = [] } of records.schedules.values()) {
    for (const { machineIds = [] } of windows)
      for (const id of machineIds) scheduled.add(machineKey(id));
  }
  const changes: RecordChange[] = [...records.schedules.keys()].map((key) =>
    remove('schedules', key),
  );
  const named = new Map<string, { id: MachineID; unavailability: Unavailability }>();
  for (const { machineIds = [], unavailability } of schedule.windows ?? []) {
    for (const id of machineIds) named.set(machineKey(id), { id, unavailability });
  }
  for (const key of records.machines.keys()) {
    if (!named.has(key)) changes.push(remove('machines', key));
  }
  for (const [key, { id, unavailability }] of named) {
    const known = records.machines.get(key);
    if (known) changes.push(put('machines', key, { info: { ...known.info, unavailability } }));
    else if (!scheduled.has(key)) {
      changes.push(put('machines', key, { info: { id, mode: 'DRAINING', unavailability } }));
    }
  }
  return [...changes, put('schedules', '0', schedule)];
}

export function startMaintenance(
  { machines }: RegistryRecords,
  ids: readonly MachineID[],
): readonly RecordChange[] {
  return distinct(ids).flatMap((key) => {
    const known = machines.get(key);
    return known ? [put('machines', key, { info: { ...known.info, mode: 'DOWN' } })] : [];
  });
}

/** Machines that are up again leave the schedule; what is left empty by that goes. */
export function stopMaintenance(
  { machines, schedules }: RegistryRecords,
  ids: readonly MachineID[],
): readonly RecordChange[] {
  const up = new Set(distinct(ids));
  const changes: RecordChange[] = [...up]
    .filter((key) => machines.has(key))
    .map((key) => remove('machines', key));
  for (const [key, schedule] of schedules) {
    const before = schedule.windows ?? [];
    const windows = before.flatMap((window) => {
      const machineIds = (window.machineIds ?? []).filter((id) => !up.has(machineKey(id)));
      return machineIds.length > 0 ? [{ ...window, machineIds }] : [];
    });
    if (windows.length === 0) changes.push(remove('schedules', key));
    else changes.push(put('schedules', key, { ...schedule, windows }));
  }
  return changes;
}

function distinct(ids: readonly MachineID[]): readonly string[] {
  return [...new Set(ids.map(machineKey))];
}
