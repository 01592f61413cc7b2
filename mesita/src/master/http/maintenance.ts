// Maintenance of machines: `/maintenance/…`, `/machine/…`, and the calls of the operator API.
import type { MachineID, maintenance } from '@mesita/sdk/types';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { readJsonBody } from '../../net/json-body.ts';
import { json } from '../../net/jsonp.ts';
import { failure } from '../../net/responses.ts';
import { fromJson, fromJsonList, parseTextAs, toJson } from '../../wire/json.ts';
import * as schema from '../../wire/schema/maintenance.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import type { MaintenanceChange } from '../core/events.ts';
import { reasonToRefuse } from '../core/handlers/maintenance.ts';
import { machineKey } from '../core/state.ts';
import { toTimeInfo } from '../core/turn.ts';
import { changesBy } from './permissions.ts';
import type { MasterSurface } from './surface.ts';

/** Machines that the client may see, with what frameworks answered to inverse offers there. */
export async function maintenanceStatus(
  surface: MasterSurface,
  request: HttpRequest,
): Promise<maintenance.ClusterStatus> {
  const { state } = surface;
  const isSeen = await machinesSeen(surface, request, 'GET_MAINTENANCE_STATUS');
  const statuses = await surface.inverseOfferStatuses();
  const machines = [...state.machines.values()].filter(({ id }) => isSeen(id));
  const draining = machines.filter(({ mode }) => mode === 'DRAINING');
  const down = machines.filter(({ mode }) => mode === 'DOWN');
  return {
    ...(draining.length > 0 && {
      drainingMachines: draining.map(({ id }) => {
        const agents = [...state.agents.registered.values()].filter(
          ({ machineId }) => machineKey(machineId) === machineKey(id),
        );
        const answers = agents.flatMap((agent) =>
          [...(statuses.get(agent.id)?.values() ?? [])].map(
            ({ status, framework, timestampMs }) => ({
              status,
              frameworkId: { value: framework },
              timestamp: toTimeInfo(timestampMs),
            }),
          ),
        );
        return { id, ...(answers.length > 0 && { statuses: answers }) };
      }),
    }),
    ...(down.length > 0 && { downMachines: down.map(({ id }) => id) }),
  };
}

/** Without the machines that the client may not see, and the windows that are empty then. */
export async function maintenanceSchedule(
  surface: MasterSurface,
  request: HttpRequest,
): Promise<maintenance.Schedule> {
  const isSeen = await machinesSeen(surface, request, 'GET_MAINTENANCE_SCHEDULE');
  const windows = (surface.state.schedules[0]?.windows ?? []).flatMap((window) => {
    const machineIds = (window.machineIds ?? []).filter(isSeen);
    return machineIds.length > 0 ? [{ ...window, machineIds }] : [];
  });
  return windows.length > 0 ? { windows } : {};
}

async function machinesSeen(
  { authorization }: MasterSurface,
  request: HttpRequest,
  action: 'GET_MAINTENANCE_STATUS' | 'GET_MAINTENANCE_SCHEDULE',
): Promise<(machineId: MachineID) => boolean> {
  const approvers = await authorization.approvers(request, [action]);
  return (machineId) => approvers.approved(action, { machineId });
}

/** What is wrong is said before who may do it is asked, as in Mesos. */
export function changeMaintenance(
  surface: MasterSurface,
  request: HttpRequest,
  change: MaintenanceChange,
): HttpResponse | Promise<HttpResponse> {
  const invalid = reasonToRefuse(surface.state, change);
  if (invalid !== undefined) return failure(400, invalid);
  return changesBy(surface, request).changeMaintenance(change);
}

export async function scheduleEndpoint(
  surface: MasterSurface,
  request: HttpRequest,
): Promise<HttpResponse> {
  if (request.method === 'GET') {
    const schedule = await maintenanceSchedule(surface, request);
    return json(request, JSON.stringify(toJson(schema.Schedule, schedule)));
  }
  const schedule = await readJsonBody(request, {
    parse: (text) => parseTextAs('object', text),
    read: (value) => fromJson(schema.Schedule, value),
  });
  if (!schedule.ok) return schedule.error;
  return changeMaintenance(surface, request, { kind: 'schedule', schedule: schedule.value });
}

export async function statusEndpoint(
  surface: MasterSurface,
  request: HttpRequest,
): Promise<HttpResponse> {
  const status = await maintenanceStatus(surface, request);
  return json(request, JSON.stringify(toJson(schema.ClusterStatus, status)));
}

export const machineEndpoint =
  (kind: 'start' | 'stop') =>
  async (surface: MasterSurface, request: HttpRequest): Promise<HttpResponse> => {
    const machines = await readJsonBody(request, {
      parse: (text) => parseTextAs('array', text),
      read: (value) => fromJsonList(mesos.MachineID, value),
    });
    if (!machines.ok) return machines.error;
    return changeMaintenance(surface, request, { kind, machines: machines.value });
  };
