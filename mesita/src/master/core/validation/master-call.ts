import type { master } from '@mesita/sdk/types';

type Type = NonNullable<master.Call['type']>;

/** The sub-message that a type cannot do without: property, and the name that clients know. */
const needed: Partial<Record<Type, readonly [keyof master.Call, string]>> = {
  GET_METRICS: ['getMetrics', 'get_metrics'],
  SET_LOGGING_LEVEL: ['setLoggingLevel', 'set_logging_level'],
  LIST_FILES: ['listFiles', 'list_files'],
  READ_FILE: ['readFile', 'read_file'],
  UPDATE_WEIGHTS: ['updateWeights', 'update_weights'],
  RESERVE_RESOURCES: ['reserveResources', 'reserve_resources'],
  UNRESERVE_RESOURCES: ['unreserveResources', 'unreserve_resources'],
  CREATE_VOLUMES: ['createVolumes', 'create_volumes'],
  DESTROY_VOLUMES: ['destroyVolumes', 'destroy_volumes'],
  GROW_VOLUME: ['growVolume', 'grow_volume'],
  SHRINK_VOLUME: ['shrinkVolume', 'shrink_volume'],
  UPDATE_MAINTENANCE_SCHEDULE: ['updateMaintenanceSchedule', 'update_maintenance_schedule'],
  START_MAINTENANCE: ['startMaintenance', 'start_maintenance'],
  STOP_MAINTENANCE: ['stopMaintenance', 'stop_maintenance'],
  SET_QUOTA: ['setQuota', 'set_quota'],
  REMOVE_QUOTA: ['removeQuota', 'remove_quota'],
  UPDATE_QUOTA: ['updateQuota', 'update_quota'],
  TEARDOWN: ['teardown', 'teardown'],
  MARK_AGENT_GONE: ['markAgentGone', 'mark_agent_gone'],
  DRAIN_AGENT: ['drainAgent', 'drain_agent'],
  DEACTIVATE_AGENT: ['deactivateAgent', 'deactivate_agent'],
  REACTIVATE_AGENT: ['reactivateAgent', 'reactivate_agent'],
};

/** Why an operator's call is refused with 400, without the `Failed to validate …` in front. */
export function validateMasterCall(call: master.Call): string | undefined {
  if (call.type === undefined) return "Expecting 'type' to be present";
  const [property, name] = needed[call.type] ?? [];
  if (property !== undefined && call[property] === undefined)
    return `Expecting '${name}' to be present`;
  return undefined;
}
