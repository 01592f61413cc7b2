export type {
  ContainerConfig,
  ContainerLaunchInfo,
  ContainerLimitation,
  ContainerState,
} from '../types/containerizer.ts';
export type {
  AgentInfo,
  ContainerID,
  Credential,
  ExecutorInfo,
  FrameworkInfo,
  MasterInfo,
  ResourceUsage,
  Secret,
  TaskInfo,
  TaskStatus,
} from '../types/index.ts';
