import type { Resources } from '../../resources/index.ts';
import type { QoSCorrection } from '../../types/containerizer.ts';
import type { ResourceUsage } from '../../types/index.ts';

/** What every executor uses now, and the agent's total. */
export type Usage = () => Promise<ResourceUsage>;

/** Says how much of the agent may be lent to tasks that can be revoked. */
export interface ResourceEstimator {
  /** Once, at the agent's start. A rejection ends it. */
  initialize(usage: Usage): void | Promise<void>;
  /**
   * Everything lendable now, all of it revocable, without what is lent already. Asked again
   * `--oversubscribed_resources_interval` after it answered; a rejection is logged.
   */
  oversubscribable(): Resources | Promise<Resources>;
}

/** Takes back what was lent too freely. */
export interface QoSController {
  /** Once, at the agent's start. A rejection ends it. */
  initialize(usage: Usage): void | Promise<void>;
  /**
   * Resolves when something is to be corrected. Asked again after `--qos_correction_interval_min`.
   * Only KILL of a live executor has an effect.
   */
  corrections(): Promise<readonly QoSCorrection[]>;
}
