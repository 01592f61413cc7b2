import type { MachineID, maintenance, Unavailability } from '@mesita/sdk/types';
import type { Agent } from '../agent.ts';
import { startRemoval } from '../agent-departure.ts';
import type { ChangeMaintenance, MaintenanceChange, MaintenanceChanged } from '../events.ts';
import {
  inverseOffersAmong,
  offersAmong,
  rescindOffer,
  withdrawInverseOffer,
} from '../offer-life.ts';
import { type MasterState, machineKey, setMachine, setSchedule } from '../state.ts';
import { allocate, send, type Turn } from '../turn.ts';
import { validateMachines, validateSchedule } from '../validation/maintenance.ts';

/*
 *   up ──named in the schedule──▶ draining ──START──▶ down ──STOP──▶ up
 *    ▲          (offers say when it will be gone)       agents ended
 *    └── no longer named ───────────┘
 */

/** Answered 200 when the registry has it, 400 when it cannot be. */
export function changeMaintenance(turn: Turn, event: ChangeMaintenance): void {
  const { requestId, change } = event;
  const invalid = reasonToRefuse(turn.state, change);
  if (invalid !== undefined) {
    turn.emit({ type: 'respond', requestId, status: 400, body: invalid });
    return;
  }
  const then = { type: 'MaintenanceChanged', requestId, change } as const;
  if (change.kind === 'schedule') {
    const { schedule } = change;
    turn.emit({
      type: 'persist',
      operation: { type: 'UpdateMaintenanceSchedule', schedule },
      then,
    });
    return;
  }
  const type = change.kind === 'start' ? 'StartMaintenance' : 'StopMaintenance';
  turn.emit({ type: 'persist', operation: { type, machines: change.machines }, then });
}

export function reasonToRefuse(state: MasterState, change: MaintenanceChange): string | undefined {
  if (change.kind === 'schedule') return validateSchedule(state, change.schedule);
  return validateMachines(state, change.machines, change.kind === 'start' ? 'DRAINING' : 'DOWN');
}

export function maintenanceChanged(turn: Turn, { requestId, change }: MaintenanceChanged): void {
  if (change.kind === 'schedule') takeSchedule(turn, change.schedule);
  else if (change.kind === 'start') for (const id of change.machines) bringDown(turn, id);
  else bringUp(turn, change.machines);
  turn.emit({ type: 'respond', requestId, status: 200 });
}

function takeSchedule(turn: Turn, schedule: maintenance.Schedule): void {
  const { state } = turn;
  const planned = new Map<string, { id: MachineID; unavailability: Unavailability }>();
  for (const { machineIds = [], unavailability } of schedule.windows ?? []) {
    for (const id of machineIds) planned.set(machineKey(id), { id, unavailability });
  }
  for (const [key, { id }] of [...state.machines]) {
    if (planned.has(key)) continue;
    setMachine(state, key, undefined);
    announce(turn, id, undefined);
  }
  for (const [key, { id, unavailability }] of planned) {
    const mode = state.machines.get(key)?.mode ?? 'DRAINING';
    setMachine(state, key, { id, mode, unavailability });
    announce(turn, id, unavailability);
  }
  setSchedule(state, schedule);
}

/** Frameworks shall know at once: what they hold of offers says the old time. */
function announce(turn: Turn, id: MachineID, unavailability: Unavailability | undefined): void {
  for (const agent of agentsOn(turn.state, id)) {
    for (const offer of offersAmong(turn, agent.offers)) rescindOffer(turn, offer);
    for (const offer of inverseOffersAmong(turn, agent.inverseOffers)) {
      withdrawInverseOffer(turn, offer, true);
    }
    allocate(turn, 'updateUnavailability', agent.id, unavailability);
  }
}

function agentsOn({ agents }: MasterState, id: MachineID): Agent[] {
  const key = machineKey(id);
  return [...agents.registered.values()].filter(({ machineId }) => machineKey(machineId) === key);
}

/** Its agents are removed at once, whether or not they hear of it. */
function bringDown(turn: Turn, id: MachineID): void {
  const machine = turn.state.machines.get(machineKey(id));
  if (!machine) return;
  setMachine(turn.state, machineKey(id), { ...machine, mode: 'DOWN' });
  const message = "Operator initiated 'Machine DOWN'";
  for (const agent of agentsOn(turn.state, id)) {
    send(turn, agent, 'ShutdownMessage', { message });
    startRemoval(turn, agent, message, 'unregistered');
  }
}

/** What is left empty in the schedule goes with it. */
function bringUp(turn: Turn, machines: readonly MachineID[]): void {
  const { state } = turn;
  const up = new Set(machines.map(machineKey));
  for (const key of up) setMachine(state, key, undefined);
  const windows = (state.schedules[0]?.windows ?? []).flatMap((window) => {
    const machineIds = (window.machineIds ?? []).filter((id) => !up.has(machineKey(id)));
    return machineIds.length > 0 ? [{ ...window, machineIds }] : [];
  });
  setSchedule(state, windows.length > 0 ? { windows } : undefined);
}
