import { loadavg } from 'node:os';
import type { Clock, Logger } from '@mesita/sdk/base';
import { defineModule, param, type QoSController, type Usage } from '@mesita/sdk/module';
import { isRevocable } from '@mesita/sdk/resources';
import type { ResourceUsage } from '@mesita/sdk/types';
import type { QoSCorrection } from '@mesita/sdk/types/containerizer';

/** The averages move slowly: a closer look would see nothing more. */
const INTERVAL_MS = 5_000;

interface Thresholds {
  readonly load_threshold_5min: number | undefined;
  readonly load_threshold_15min: number | undefined;
}

/** Ends everything that runs on lent resources while the machine's load is too high. */
export const loadQoSController = defineModule({
  kind: 'QoSController',
  name: 'org_apache_mesos_LoadQoSController',
  description: 'Ends revocable executors while the load average is above a threshold',
  parameters: {
    load_threshold_5min: param.float({ help: 'Above this load of 5 minutes it is too much.' }),
    load_threshold_15min: param.float({ help: 'Above this load of 15 minutes it is too much.' }),
  },
  create({ clock, log, signal }, thresholds): QoSController {
    if (Object.values(thresholds).every((threshold) => threshold === undefined)) {
      throw new Error('No load thresholds are configured for LoadQoSController');
    }
    return createLoadController({ thresholds, load: loadavg, clock, log, signal });
  },
});

interface LoadControllerOptions {
  readonly thresholds: Thresholds;
  /** Of 1, 5 and 15 minutes. */
  readonly load: () => readonly number[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export function createLoadController(options: LoadControllerOptions): QoSController {
  const { thresholds, clock, log, signal } = options;
  let usage: Usage = async () => ({});

  function isOverloaded(): boolean {
    const [, five = 0, fifteen = 0] = options.load();
    const looks = [
      { minutes: 5, load: five, threshold: thresholds.load_threshold_5min },
      { minutes: 15, load: fifteen, threshold: thresholds.load_threshold_15min },
    ];
    const above = looks.filter(
      ({ load, threshold }) => threshold !== undefined && load > threshold,
    );
    for (const look of above) log.info('system load average exceeds its threshold', look);
    return above.length > 0;
  }

  async function find(): Promise<QoSCorrection[]> {
    if (!isOverloaded()) return [];
    return (await usage()).executors?.filter(isOnLentResources).map(kill) ?? [];
  }

  return {
    initialize(ask) {
      usage = ask;
    },
    async corrections() {
      for (;;) {
        const found = await find();
        if (found.length > 0 || signal.aborted) return found;
        await new Promise<void>((resolve) => clock.setTimer(INTERVAL_MS, resolve));
      }
    },
  };
}

function isOnLentResources({ allocated = [] }: ResourceUsage.Executor): boolean {
  return allocated.some(isRevocable);
}

function kill({ executorInfo, containerId }: ResourceUsage.Executor): QoSCorrection {
  const { frameworkId, executorId } = executorInfo;
  return { type: 'KILL', kill: { ...(frameworkId && { frameworkId }), executorId, containerId } };
}
