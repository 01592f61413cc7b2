// What the agent's calls on containers may ask for, in Mesos' words and order.
import { isPersistentVolume, isReserved, isRevocable, Resources } from '@mesita/sdk/resources';
import type { CommandInfo, ContainerID, ContainerInfo, Resource } from '@mesita/sdk/types';
import type { Call } from '@mesita/sdk/types/agent';
import { validateCommand } from '../../../wire/validation/command.ts';
import { validateContainerInfo } from '../../../wire/validation/container-info.ts';
import { validateId } from '../../../wire/validation/ids.ts';

/** Longer ones would not fit into a path; nobody nests so deep. */
const maxDepth = 32;

/** `call` is the name that clients know, as in `wait_container`. */
export function validateContainerCall(call: string, id: ContainerID): string | undefined {
  const error = depthOf(id) > maxDepth ? 'nested too deep' : validateContainerId(id);
  if (error !== undefined) return `'${call}.container_id' is invalid: ${error}`;
  if (!call.includes('nested') || id.parent) return undefined;
  return `Expecting '${call}.container_id.parent' to be present`;
}

function validateContainerId({ value, parent }: ContainerID): string | undefined {
  const error = validateId(value);
  if (error !== undefined) return error;
  // Dots join the ids of nested containers; blanks make logs and paths hard to read.
  if (/[. ]/.test(value)) return `'ContainerID.value' '${value}' contains invalid characters`;
  const above = parent && validateContainerId(parent);
  return above === undefined ? undefined : `'ContainerID.parent' is invalid: ${above}`;
}

interface Launch {
  readonly containerId: ContainerID;
  readonly command?: CommandInfo | undefined;
  readonly container?: ContainerInfo | undefined;
}

export function validateNestedLaunch(launch: Launch): string | undefined {
  const call = 'launch_nested_container';
  const error = validateContainerCall(call, launch.containerId) ?? validateParts(call, launch);
  if (error !== undefined) return error;
  if (sharesCgroups(launch) !== false || depthOf(launch.containerId) <= 2) return undefined;
  return `'${call}' is invalid: ${ownCgroups}`;
}

export function validateSession(launch: Launch): string | undefined {
  const call = 'launch_nested_container_session';
  const error = validateContainerCall(call, launch.containerId) ?? validateParts(call, launch);
  if (error !== undefined || sharesCgroups(launch) !== false) return error;
  return `'${call}.container.linux_info' is invalid: 'share_cgroups' cannot be set to 'false' for nested container sessions`;
}

export function validateLaunch(launch: Call.LaunchContainer): string | undefined {
  const call = 'launch_container';
  const { containerId: id, resources = [], limits = {} } = launch;
  const error =
    validateContainerCall(call, id) ??
    validateResources(resources) ??
    (id.parent ? undefined : validateStandalone(resources)) ??
    validateParts(call, launch);
  if (error !== undefined) return error;
  const invalid = (text: string) => `'${call}' is invalid: ${text}`;
  const deep = 'containers nested at the second level or greater cannot specify resource';
  const shares = sharesCgroups(launch);
  if (depthOf(id) > 2) {
    if (resources.length > 0) return invalid(`${deep}s`);
    if (Object.keys(limits).length > 0) return invalid(`${deep} limits`);
    if (shares === false) return invalid(ownCgroups);
  }
  if (!id.parent && shares) {
    return invalid("containers without a parent cannot set 'share_cgroups' to 'true'");
  }
  return undefined;
}

const ownCgroups =
  "containers nested at the second level or greater cannot set 'share_cgroups' to 'false'";

function validateParts(call: string, { command, container }: Launch): string | undefined {
  const badCommand = command && validateCommand(command);
  if (badCommand !== undefined) return `'${call}.command' is invalid: ${badCommand}`;
  const badContainer = container && validateContainerInfo(container);
  if (badContainer !== undefined) return `'${call}.container' is invalid: ${badContainer}`;
  return undefined;
}

function validateResources(resources: readonly Resource[]): string | undefined {
  const error = Resources.validate(resources);
  if (error !== undefined) return `Invalid resources: ${error}`;
  if (Resources.of(resources).thousandths('gpus') % 1000 === 0) return undefined;
  return "Invalid GPU resources: The 'gpus' resource must be an unsigned integer";
}

/** The master keeps no account of what standalone containers use. */
function validateStandalone(resources: readonly Resource[]): string | undefined {
  for (const resource of Resources.of(resources).toMessages('post')) {
    if (isReserved(resource)) return "'launch_container.resources' must be unreserved";
    if (isPersistentVolume(resource)) {
      return "'launch_container.resources' may not use persistent volumes";
    }
    if (isRevocable(resource)) return "'launch_container.resources' must be non-revocable";
  }
  return undefined;
}

/** Undefined: it does not say. */
function sharesCgroups({ container }: Launch): boolean | undefined {
  return container?.linuxInfo?.shareCgroups;
}

function depthOf(id: ContainerID): number {
  let depth = 0;
  for (let each: ContainerID | undefined = id; each; each = each.parent) depth++;
  return depth;
}
