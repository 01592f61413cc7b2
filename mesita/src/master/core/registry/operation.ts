import type { AgentInfo, TimeInfo, WeightInfo } from '@mesita/sdk/types';
import type { AgentID } from '@mesita/sdk/types/mesos';
import type { QuotaConfig } from '@mesita/sdk/types/quota';

/** A change of the registry as data: `applyOperation` performs it on a registry. */
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
  | { readonly type: 'UpdateWeights'; readonly weights: readonly WeightInfo[] }
  | { readonly type: 'UpdateQuota'; readonly configs: readonly QuotaConfig[] }
  | { readonly type: 'RecordCapabilities'; readonly capabilities: readonly string[] };
