import type { Call } from '@mesita/sdk/types/agent';
import {
  validateContainerCall,
  validateLaunch,
  validateNestedLaunch,
  validateSession,
} from './container-call.ts';

type Type = NonNullable<Call['type']>;

/** The sub-message that a type cannot do without: property, and the name that clients know. */
const needed: Partial<Record<Type, readonly [keyof Call, string]>> = {
  GET_METRICS: ['getMetrics', 'get_metrics'],
  SET_LOGGING_LEVEL: ['setLoggingLevel', 'set_logging_level'],
  LIST_FILES: ['listFiles', 'list_files'],
  READ_FILE: ['readFile', 'read_file'],
  LAUNCH_NESTED_CONTAINER: ['launchNestedContainer', 'launch_nested_container'],
  WAIT_NESTED_CONTAINER: ['waitNestedContainer', 'wait_nested_container'],
  KILL_NESTED_CONTAINER: ['killNestedContainer', 'kill_nested_container'],
  REMOVE_NESTED_CONTAINER: ['removeNestedContainer', 'remove_nested_container'],
  LAUNCH_NESTED_CONTAINER_SESSION: [
    'launchNestedContainerSession',
    'launch_nested_container_session',
  ],
  ATTACH_CONTAINER_INPUT: ['attachContainerInput', 'attach_container_input'],
  ATTACH_CONTAINER_OUTPUT: ['attachContainerOutput', 'attach_container_output'],
  LAUNCH_CONTAINER: ['launchContainer', 'launch_container'],
  WAIT_CONTAINER: ['waitContainer', 'wait_container'],
  KILL_CONTAINER: ['killContainer', 'kill_container'],
  REMOVE_CONTAINER: ['removeContainer', 'remove_container'],
  ADD_RESOURCE_PROVIDER_CONFIG: ['addResourceProviderConfig', 'add_resource_provider_config'],
  UPDATE_RESOURCE_PROVIDER_CONFIG: [
    'updateResourceProviderConfig',
    'update_resource_provider_config',
  ],
  REMOVE_RESOURCE_PROVIDER_CONFIG: [
    'removeResourceProviderConfig',
    'remove_resource_provider_config',
  ],
  MARK_RESOURCE_PROVIDER_GONE: ['markResourceProviderGone', 'mark_resource_provider_gone'],
};

/** What else a call must hold to; those that only name a container are looked at without this. */
const rules: Partial<Record<Type, (call: Call) => string | undefined>> = {
  LAUNCH_CONTAINER: ({ launchContainer: launch }) => launch && validateLaunch(launch),
  LAUNCH_NESTED_CONTAINER: ({ launchNestedContainer: launch }) =>
    launch && validateNestedLaunch(launch),
  LAUNCH_NESTED_CONTAINER_SESSION: ({ launchNestedContainerSession: launch }) =>
    launch && validateSession(launch),
  ATTACH_CONTAINER_INPUT: ({ attachContainerInput: input }) => input && validateAttachInput(input),
};

/** Why an agent call is refused with 400, without the `Failed to validate …` in front. */
export function validateAgentCall(call: Call): string | undefined {
  if (call.type === undefined) return "Expecting 'type' to be present";
  const [property, name] = needed[call.type] ?? [];
  if (property === undefined || name === undefined) return undefined;
  const part = call[property];
  if (part === undefined) return `Expecting '${name}' to be present`;
  const rule = rules[call.type];
  if (rule) return rule(call);
  if (typeof part !== 'object' || !('containerId' in part) || !part.containerId) return undefined;
  return validateContainerCall(name, part.containerId);
}

function validateAttachInput({ type, containerId }: Call.AttachContainerInput): string | undefined {
  if (type === undefined) return "Expecting 'attach_container_input.type' to be present";
  if (type === 'UNKNOWN') return "'attach_container_input.type' is unknown";
  if (type === 'PROCESS_IO') return undefined;
  return validateContainerCall('attach_container_input', containerId ?? { value: '' });
}
