import type { ResourceLimitMap } from '@mesita/sdk/module';
import type { ContainerID, Resource } from '@mesita/sdk/types';
import type {
  ContainerConfig,
  ContainerLaunchInfo,
  ContainerLimitation,
  ContainerTermination,
} from '@mesita/sdk/types/containerizer';
import { containerKey } from './paths.ts';

/**
 * STARTING → PROVISIONING → PREPARING → ISOLATING → FETCHING → RUNNING
 *     └────────────┴────────────┴───────────┴──────────┴─────────┴──▶ DESTROYING
 */
export type ContainerPhase =
  | 'STARTING'
  | 'PROVISIONING'
  | 'PREPARING'
  | 'ISOLATING'
  | 'FETCHING'
  | 'RUNNING'
  | 'DESTROYING';

/** One container. Only its launch (or its recovery) and its destroy write here. */
export interface Container {
  readonly id: ContainerID;
  readonly key: string;
  readonly isNested: boolean;
  readonly isStandalone: boolean;
  /** Somebody comes for its termination, perhaps after a restart, and removes it then. */
  readonly keepsTermination: boolean;
  config: ContainerConfig;
  phase: ContainerPhase;
  /** Set once isolators were asked to prepare it: from then on they are asked to clean up. */
  isPrepared: boolean;
  pid?: number | undefined;
  launchInfo?: ContainerLaunchInfo | undefined;
  /** Ends every wait of its launch, and the isolators' watches. */
  readonly abort: AbortController;
  /** The launch, settled either way. */
  launched: Promise<void>;
  readonly limitations: ContainerLimitation[];
  requests: readonly Resource[];
  limits: ResourceLimitMap;
  destroyed?: Promise<ContainerTermination> | undefined;
  readonly terminated: Deferred<ContainerTermination>;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function defer<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  // Nobody may be waiting: that is no error of the process.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

export function createContainer(
  id: ContainerID,
  config: ContainerConfig,
  keepsTermination = id.parent !== undefined,
): Container {
  const isNested = id.parent !== undefined;
  return {
    id,
    key: containerKey(id),
    isNested,
    isStandalone: !isNested && !config.executorInfo && !config.taskInfo,
    keepsTermination,
    config,
    phase: 'STARTING',
    isPrepared: false,
    abort: new AbortController(),
    launched: Promise.resolve(),
    limitations: [],
    requests: config.resources ?? [],
    limits: config.limits ?? {},
    terminated: defer(),
  };
}
