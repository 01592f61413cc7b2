import type {
  AgentInfo,
  DurationInfo,
  MachineID,
  maintenance,
  TimeInfo,
  WeightInfo,
} from '@mesita/sdk/types';
import type { AgentID, FrameworkID } from '@mesita/sdk/types/mesos';
import type { QuotaConfig } from '@mesita/sdk/types/quota';

/** A change of the registry as data: `changesOf` says what it means for the records. */
export type RegistryOperation =
  | { readonly type: 'AdmitAgent'; readonly info: AgentInfo }
  | { readonly type: 'UpdateAgent'; readonly info: AgentInfo }
  | { readonly type: 'RemoveAgent'; readonly id: AgentID }
  | { readonly type: 'MarkAgentUnreachable'; readonly id: AgentID; readonly time: TimeInfo }
  | { readonly type: 'MarkAgentReachable'; readonly info: AgentInfo }
  | { readonly type: 'MarkAgentGone'; readonly id: AgentID; readonly time: TimeInfo }
  | {
      readonly type: 'Prune';
      readonly unreachable: readonly AgentID[];
      readonly gone: readonly AgentID[];
    }
  | {
      readonly type: 'DrainAgent';
      readonly id: AgentID;
      readonly maxGracePeriod?: DurationInfo | undefined;
      readonly markGone: boolean;
    }
  | { readonly type: 'MarkAgentDrained'; readonly id: AgentID }
  | { readonly type: 'DeactivateAgent'; readonly id: AgentID }
  | { readonly type: 'ReactivateAgent'; readonly id: AgentID }
  | { readonly type: 'UpdateMaintenanceSchedule'; readonly schedule: maintenance.Schedule }
  | { readonly type: 'StartMaintenance'; readonly machines: readonly MachineID[] }
  | { readonly type: 'StopMaintenance'; readonly machines: readonly MachineID[] }
  | { readonly type: 'UpdateWeights'; readonly weights: readonly WeightInfo[] }
  | { readonly type: 'UpdateQuota'; readonly configs: readonly QuotaConfig[] }
  | { readonly type: 'RecordCapabilities'; readonly capabilities: readonly string[] }
  /** Ours: until when a framework that went away may come back, for the next master to know. */
  | { readonly type: 'ExpectFramework'; readonly id: FrameworkID; readonly until: TimeInfo }
  | { readonly type: 'ForgetFramework'; readonly id: FrameworkID };
