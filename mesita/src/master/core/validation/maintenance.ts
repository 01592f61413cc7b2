import type { MachineID, maintenance } from '@mesita/sdk/types';
import { type MasterState, machineKey } from '../state.ts';
import { firstError } from './first-error.ts';

/** As Mesos writes a machine in its errors. */
function describe({ hostname, ip }: MachineID): string {
  return `'${JSON.stringify({ ...(hostname !== undefined && { hostname }), ...(ip !== undefined && { ip }) })}'`;
}

/** Why the schedule may not take the place of the one before. */
export function validateSchedule(
  state: MasterState,
  { windows = [] }: maintenance.Schedule,
): string | undefined {
  const machines: MachineID[] = [];
  for (const { machineIds = [], unavailability } of windows) {
    if (machineIds.length === 0) return 'List of machines in the maintenance window is empty';
    if ((unavailability.duration?.nanoseconds ?? 0n) < 0n) {
      return "Unavailability 'duration' is negative";
    }
    machines.push(...machineIds);
  }
  const error = validateDistinct(machines);
  if (error !== undefined) return error;
  const named = new Set(machines.map(machineKey));
  for (const [key, { id, mode }] of state.machines) {
    if (mode === 'DOWN' && !named.has(key)) {
      return `Machine ${describe(id)} is deactivated and cannot be removed from the schedule`;
    }
  }
  return undefined;
}

/** Why maintenance of these machines may not begin, or end. */
export function validateMachines(
  state: MasterState,
  machines: readonly MachineID[],
  wanted: 'DRAINING' | 'DOWN',
): string | undefined {
  if (machines.length === 0) return 'List of machines is empty';
  const verb = wanted === 'DRAINING' ? 'down' : 'up';
  return (
    validateDistinct(machines) ??
    firstError(machines, (id) => {
      const known = state.machines.get(machineKey(id));
      if (!known && !hasAgent(state, id)) {
        return `Machine ${describe(id)} is not part of a maintenance schedule`;
      }
      if (known?.mode === wanted) return undefined;
      return `Machine ${describe(id)} is not in ${wanted} mode and cannot be brought ${verb}`;
    })
  );
}

/** Machines of agents are known, although nothing is planned for them. */
function hasAgent({ agents }: MasterState, id: MachineID): boolean {
  const key = machineKey(id);
  return [...agents.registered.values()].some(({ machineId }) => machineKey(machineId) === key);
}

function validateDistinct(machines: readonly MachineID[]): string | undefined {
  const seen = new Set<string>();
  return firstError(machines, (id) => {
    const error = validateMachine(id);
    if (error !== undefined) return error;
    if (seen.has(machineKey(id))) {
      return `Machine ${describe(id)} appears more than once in the schedule`;
    }
    seen.add(machineKey(id));
    return undefined;
  });
}

function validateMachine({ hostname = '', ip = '' }: MachineID): string | undefined {
  if (hostname === '' && ip === '') return "Both 'hostname' and 'ip' for a machine are empty";
  return ip === '' || isIpv4(ip) ? undefined : `Failed to parse IPv4: ${ip}`;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}
