import type { Logger } from '@mesita/sdk/base';
import type { ResourceLimitMap } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { ContainerStatus, ResourceStatistics } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerLimitation } from '@mesita/sdk/types/containerizer';

/** The groups of one container. */
export interface Group {
  readonly key: string;
  readonly isNested: boolean;
  readonly version: 1 | 2;
  /** Its directory in the hierarchy of a controller; on version 2 always the same. */
  directory(controller: string): string;
  /** Those of containers in it that have groups of their own; the book keeps them. */
  readonly nested: Set<Group>;
  /** It was there before this agent was. */
  readonly isRecovered: boolean;
  /** Sets the first limits at once, later ones only upwards. */
  isLimited: boolean;
}

/** What one kind of limit does with a group. All is optional; a group alone is often enough. */
export interface Subsystem {
  /** The parents of the groups exist now. Throws what makes the isolator impossible. */
  create?(rootOf: (controller: string) => string, version: 1 | 2): Promise<void> | void;
  prepare?(group: Group, config: ContainerConfig): Promise<void>;
  /** The process is in the group. */
  isolate?(group: Group, pid: number, config: ContainerConfig | undefined): Promise<void>;
  update?(group: Group, requests: Resources, limits: ResourceLimitMap): Promise<void>;
  usage?(group: Group): Partial<ResourceStatistics>;
  status?(group: Group): Partial<ContainerStatus>;
  watch?(group: Group, signal: AbortSignal): Promise<ContainerLimitation>;
  recover?(group: Group): void;
  cleanup?(group: Group): void;
}

interface CgroupSettings {
  readonly launcher: string;
  readonly cgroups_hierarchy: string;
  readonly cgroups_root: string;
  readonly cgroups_destroy_timeout: number;
}

export interface ControllerNames {
  /** On version 1: each in the hierarchy where it is mounted. */
  readonly v1: readonly string[];
  /** On version 2; undefined: there is none, and the isolator is refused. */
  readonly v2: readonly string[] | undefined;
}

export interface CgroupIsolatorOptions {
  readonly name: string;
  readonly controllers: ControllerNames;
  readonly settings: CgroupSettings;
  readonly subsystem: Subsystem;
  readonly log: Logger;
}
