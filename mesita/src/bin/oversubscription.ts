// The modules that decide what an agent lends, and what it takes back.
import { noOversubscription, type Oversubscription } from '../agent/driver/oversubscription.ts';
import type { ModuleManager } from '../modules/manager.ts';

interface OversubscriptionFlags {
  readonly resourceEstimator: string | undefined;
  readonly qosController: string | undefined;
}

/** Rejects with the text to leave with. */
export async function createOversubscription(
  { resourceEstimator, qosController }: OversubscriptionFlags,
  manager: Pick<ModuleManager, 'create'>,
): Promise<Oversubscription> {
  return {
    estimator:
      resourceEstimator === undefined
        ? noOversubscription.estimator
        : await describing(
            `Failed to create resource estimator: Failed to create resource estimator module '${resourceEstimator}'`,
            manager.create('ResourceEstimator', resourceEstimator),
          ),
    controller:
      qosController === undefined
        ? noOversubscription.controller
        : await describing(
            `Failed to create QoS Controller: Failed to initialize QoS Controller module '${qosController}'`,
            manager.create('QoSController', qosController),
          ),
  };
}

async function describing<T>(failed: string, made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (cause) {
    throw new Error(`${failed}: ${(cause as Error).message}`, { cause });
  }
}
