import { Resources } from '@mesita/sdk/resources';
import type { master } from '@mesita/sdk/types';

type Call = master.Call;

// The part each call must bring; its name in messages is the call's in small letters.
const parts: Partial<Record<NonNullable<Call['type']>, keyof Call>> = {
  GET_METRICS: 'getMetrics',
  SET_LOGGING_LEVEL: 'setLoggingLevel',
  LIST_FILES: 'listFiles',
  READ_FILE: 'readFile',
  UPDATE_WEIGHTS: 'updateWeights',
  RESERVE_RESOURCES: 'reserveResources',
  UNRESERVE_RESOURCES: 'unreserveResources',
  CREATE_VOLUMES: 'createVolumes',
  DESTROY_VOLUMES: 'destroyVolumes',
  GROW_VOLUME: 'growVolume',
  SHRINK_VOLUME: 'shrinkVolume',
  UPDATE_MAINTENANCE_SCHEDULE: 'updateMaintenanceSchedule',
  START_MAINTENANCE: 'startMaintenance',
  STOP_MAINTENANCE: 'stopMaintenance',
  DRAIN_AGENT: 'drainAgent',
  DEACTIVATE_AGENT: 'deactivateAgent',
  REACTIVATE_AGENT: 'reactivateAgent',
  UPDATE_QUOTA: 'updateQuota',
  SET_QUOTA: 'setQuota',
  REMOVE_QUOTA: 'removeQuota',
  TEARDOWN: 'teardown',
  MARK_AGENT_GONE: 'markAgentGone',
};

/** Why the master answers a call of an operator with 400. */
export function validateMasterCall(call: Call): string | undefined {
  if (call.type === undefined) return "Expecting 'type' to be present";
  const part = parts[call.type];
  if (part !== undefined && call[part] === undefined) {
    return `Expecting '${call.type.toLowerCase()}' to be present`;
  }
  switch (call.type) {
    case 'RESERVE_RESOURCES':
      return Resources.validate(call.reserveResources?.resources ?? []);
    case 'UNRESERVE_RESOURCES':
      return Resources.validate(call.unreserveResources?.resources ?? []);
    case 'GROW_VOLUME':
      return call.growVolume?.agentId === undefined ? NO_AGENT : undefined;
    case 'SHRINK_VOLUME':
      return call.shrinkVolume?.agentId === undefined ? NO_AGENT : undefined;
    default:
      return undefined;
  }
}

const NO_AGENT =
  "Expecting 'agent_id' to be present; only agent default resources are supported right now";
