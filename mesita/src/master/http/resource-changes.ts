// Reservations and volumes by operators: calls of the v1 API, and the forms from before it.
import type { AgentId } from '@mesita/sdk/base';
import type { master, Offer, Resource } from '@mesita/sdk/types';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { failure } from '../../net/responses.ts';
import { DecodeError } from '../../wire/errors.ts';
import { fromJsonList, parseTextAs } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { checkChange } from '../core/handlers/resource-changes.ts';
import { readForm } from './form.ts';
import { changesBy } from './permissions.ts';
import type { MasterSurface } from './surface.ts';

/** 202 when the master has taken it for done; 409 when the resources are not free. */
export function changeResources(
  surface: MasterSurface,
  request: HttpRequest,
  agentId: string,
  asked: Offer.Operation,
): HttpResponse | Promise<HttpResponse> {
  const checked = checkChange(surface.state, agentId as AgentId, asked, request.principal);
  if ('refusal' in checked) return failure(400, checked.refusal);
  return changesBy(surface, request).changeResources(agentId as AgentId, checked.operation);
}

/** The operation that a call of the operator API asks for, and where. */
export function operationOf(call: master.Call): [string, Offer.Operation] | undefined {
  const { reserveResources, unreserveResources, createVolumes, destroyVolumes } = call;
  const { growVolume: grow, shrinkVolume: shrink } = call;
  if (reserveResources) {
    const { agentId, resources, source } = reserveResources;
    return [agentId.value, { type: 'RESERVE', reserve: { resources, source } }];
  }
  if (unreserveResources) {
    const { agentId, resources } = unreserveResources;
    return [agentId.value, { type: 'UNRESERVE', unreserve: { resources } }];
  }
  if (createVolumes) {
    const { agentId, volumes } = createVolumes;
    return [agentId.value, { type: 'CREATE', create: { volumes } }];
  }
  if (destroyVolumes) {
    const { agentId, volumes } = destroyVolumes;
    return [agentId.value, { type: 'DESTROY', destroy: { volumes } }];
  }
  if (grow) return [grow.agentId?.value ?? '', { type: 'GROW_VOLUME', growVolume: grow }];
  if (shrink) return [shrink.agentId?.value ?? '', { type: 'SHRINK_VOLUME', shrinkVolume: shrink }];
  return undefined;
}

interface Form {
  readonly field: string;
  /** How Mesos begins its complaint about a field that it cannot read. */
  readonly complaint: string;
  readonly operation: (
    resources: readonly Resource[],
    source: readonly Resource[],
  ) => Offer.Operation;
}

const ERROR_IN = 'Error in parsing';

export const resourceForms: Readonly<Record<string, Form>> = {
  '/reserve': {
    field: 'resources',
    complaint: 'Error parsing',
    operation: (resources, source) => ({ type: 'RESERVE', reserve: { resources, source } }),
  },
  '/unreserve': {
    field: 'resources',
    complaint: ERROR_IN,
    operation: (resources) => ({ type: 'UNRESERVE', unreserve: { resources } }),
  },
  '/create-volumes': {
    field: 'volumes',
    complaint: ERROR_IN,
    operation: (volumes) => ({ type: 'CREATE', create: { volumes } }),
  },
  '/destroy-volumes': {
    field: 'volumes',
    complaint: ERROR_IN,
    operation: (volumes) => ({ type: 'DESTROY', destroy: { volumes } }),
  },
};

export async function resourceForm(
  surface: MasterSurface,
  request: HttpRequest,
  { field, complaint, operation }: Form,
): Promise<HttpResponse> {
  const body = await readForm(request);
  if (!body.ok) return body.error;
  const form = body.value;
  const agentId = form.get('slaveId');
  const missing = agentId === null ? 'slaveId' : form.get(field) === null ? field : undefined;
  if (missing !== undefined) {
    return failure(400, `Missing '${missing}' query parameter in the request body`);
  }
  try {
    const read = (name: string) => resourcesIn(form.get(name) ?? '[]', name, complaint);
    const asked = operation(read(field), read('source'));
    return changeResources(surface, request, agentId ?? '', asked);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return failure(400, error.message);
  }
}

function resourcesIn(text: string, name: string, complaint: string): readonly Resource[] {
  try {
    return fromJsonList(mesos.Resource, parseTextAs('array', text));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const where = `'${name}' query parameter in the request body`;
    throw new DecodeError(`${complaint} ${where}: ${error.message}`);
  }
}
