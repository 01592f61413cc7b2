// The agent API's calls that launch, await, end and forget containers.
import type { ContainerID } from '@mesita/sdk/types';
import type { Call, Response } from '@mesita/sdk/types/agent';
import type { ContainerConfig, ContainerTermination } from '@mesita/sdk/types/containerizer';
import { containerKey } from '../../containerizer/mesos/paths.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { empty, failure } from '../../net/responses.ts';
import { actionOf, mayTouch } from './container-owner.ts';
import type { Answer, Handlers } from './operator-handler.ts';
import type { AgentSurface } from './surface.ts';

const sigkill = 9;

export const containerCalls = {
  LAUNCH_CONTAINER: (surface, { launchContainer }, request) =>
    launchContainer ? launch(surface, request, launchContainer) : missing(),
  LAUNCH_NESTED_CONTAINER: (surface, { launchNestedContainer }, request) =>
    launchNestedContainer ? launch(surface, request, launchNestedContainer) : missing(),

  WAIT_CONTAINER: (surface, { waitContainer }, request) =>
    wait(surface, request, waitContainer, (end) => ({ waitContainer: end })),
  WAIT_NESTED_CONTAINER: (surface, { waitNestedContainer }, request) =>
    wait(surface, request, waitNestedContainer, (end) => ({ waitNestedContainer: end })),

  KILL_CONTAINER: (surface, { killContainer }, request) => kill(surface, request, killContainer),
  KILL_NESTED_CONTAINER: (surface, { killNestedContainer }, request) =>
    kill(surface, request, killNestedContainer),

  REMOVE_CONTAINER: (surface, { removeContainer }, request) =>
    remove(surface, request, removeContainer),
  REMOVE_NESTED_CONTAINER: (surface, { removeNestedContainer }, request) =>
    remove(surface, request, removeNestedContainer),
} satisfies Handlers;

/** Validation has seen to it that this is never answered. */
function missing(): HttpResponse {
  return failure(400);
}

async function launch(
  surface: AgentSurface,
  request: HttpRequest,
  wanted: Call.LaunchContainer,
): Promise<HttpResponse> {
  const { containerId: id, command = {} } = wanted;
  const isAllowed = await mayTouch(surface, request, actionOf('LAUNCH', id), id, command);
  return isAllowed ? launchAllowed(surface, wanted) : failure(403);
}

/** Also of a session. 200 says that its process runs. */
export async function launchAllowed(
  { containers, standalone }: AgentSurface,
  { containerId: id, command = {}, container, resources, limits }: Call.LaunchContainer,
  more: Partial<ContainerConfig> = {},
  isSession = false,
): Promise<HttpResponse> {
  const directory = id.parent ? '' : await standalone.prepare(id, command.user);
  if (directory === undefined) return empty(202);
  const config: ContainerConfig = {
    directory,
    commandInfo: command,
    ...(command.user !== undefined && { user: command.user }),
    ...(resources && { resources }),
    ...(limits && { limits }),
    ...(container && { containerInfo: container }),
    ...more,
  };
  try {
    const result = await containers.launch({ id, config, environment: {}, isSession });
    if (result === 'NOT_SUPPORTED') {
      return failure(400, 'The provided ContainerInfo is not supported');
    }
    return empty(result === 'LAUNCHED' ? 200 : 202);
  } catch (error) {
    // Most launches fail for what the client asked for.
    return failure(400, (error as Error).message);
  }
}

interface Named {
  readonly containerId: ContainerID;
}

type Termination = Response.WaitContainer;

async function wait(
  surface: AgentSurface,
  request: HttpRequest,
  named: Named | undefined,
  answer: (termination: Termination) => Answer,
): Promise<Answer> {
  if (!named) return missing();
  const { containerId: id } = named;
  if (!(await mayTouch(surface, request, actionOf('WAIT', id), id))) return failure(403);
  const termination = await surface.containers.wait(id);
  if (!termination) return failure(404, `Container ${containerKey(id)} cannot be found`);
  return answer(describe(termination));
}

function describe(termination: ContainerTermination): Termination {
  const { status, state, reason, message, limitedResources = [] } = termination;
  return {
    ...(status !== undefined && { exitStatus: status }),
    ...(state && { state }),
    ...(reason && { reason }),
    ...(limitedResources.length > 0 && { limitation: { resources: limitedResources } }),
    ...(message !== undefined && { message }),
  };
}

async function kill(
  surface: AgentSurface,
  request: HttpRequest,
  named: (Named & { readonly signal?: number | undefined }) | undefined,
): Promise<HttpResponse> {
  if (!named) return missing();
  const { containerId: id, signal = sigkill } = named;
  if (!(await mayTouch(surface, request, actionOf('KILL', id), id))) return failure(403);
  try {
    if (await surface.containers.kill(id, signal)) return empty(200);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ERR_UNKNOWN_SIGNAL') throw error;
    return failure(500, 'Unable to send signal to container: Invalid argument');
  }
  const text = `Container '${containerKey(id)}' cannot be found (or is already killed)`;
  return failure(404, text);
}

async function remove(
  surface: AgentSurface,
  request: HttpRequest,
  named: Named | undefined,
): Promise<HttpResponse> {
  if (!named) return missing();
  const { containerId: id } = named;
  if (!(await mayTouch(surface, request, actionOf('REMOVE', id), id))) return failure(403);
  if (id.parent) await surface.containers.remove(id);
  else await surface.standalone.remove(id);
  return empty(200);
}
