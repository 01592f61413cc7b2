import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerID } from '@mesita/sdk/types';
import type { Fetcher } from '../fetcher/fetcher.ts';
import type { Breathe } from './breathing.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Container } from './container.ts';
import type { IoSwitchboard } from './io-switchboard/io-switchboard.ts';
import type { Launcher } from './launcher.ts';
import type { NamedIsolator } from './named-isolator.ts';
import type { OperationTracker } from './tracker.ts';

/** What the steps of a container's life work with. */
export interface ContainerizerContext {
  readonly containers: Map<string, Container>;
  readonly launcher: Launcher;
  readonly switchboard: IoSwitchboard;
  readonly isolators: readonly NamedIsolator[];
  readonly tracker: OperationTracker;
  readonly breathe: Breathe;
  readonly checkpoints: Checkpoints;
  readonly fetcher: Fetcher;
  readonly afterFetch?: ((id: ContainerID, directory: string) => Promise<void>) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly switchUser: boolean;
  /** Where the sandbox appears inside a root file system. */
  readonly sandboxDirectory: string;
  /** Told of sandboxes of containers that were no executors'. */
  sandboxLeft: (root: string, below: string) => void;
  /** Failed destroys, for `containerizer/mesos/container_destroy_errors`. */
  destroyErrors: number;
}
