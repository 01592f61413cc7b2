// Lends what tasks asked for and do not use, and takes it back when the agent gets full.
import {
  defineModule,
  param,
  type QoSController,
  type ResourceEstimator,
  type Usage,
} from '@mesita/sdk/module';
import { isRevocable, Resources } from '@mesita/sdk/resources';
import type { ResourceUsage } from '@mesita/sdk/types';

const MEGABYTE = 1 << 20;

/** In megabytes. */
function memoryUsed({ executors = [] }: ResourceUsage): number {
  const bytes = executors.map(({ statistics }) => statistics?.memRssBytes ?? 0);
  return bytes.reduce((sum, each) => sum + each, 0) / MEGABYTE;
}

function memoryOf(resources: Resources): number {
  return resources.scalar('mem');
}

export const estimator = defineModule({
  kind: 'ResourceEstimator',
  name: 'org_example_SlackEstimator',
  description: 'Lends a part of the memory that was asked for and is not used',
  parameters: {
    fraction: param.float({ default: 0.5, min: 0, max: 1, help: 'Of what is not used.' }),
  },
  create(_context, { fraction }): ResourceEstimator {
    let usage: Usage = async () => ({});
    return {
      initialize(ask) {
        usage = ask;
      },
      async oversubscribable() {
        const now = await usage();
        const allocated = Resources.of((now.executors ?? []).flatMap((e) => e.allocated ?? []));
        const slack = memoryOf(allocated.nonRevocable()) - memoryUsed(now);
        const lent = memoryOf(allocated.revocable());
        const value = Math.floor(Math.max(0, slack) * fraction) - lent;
        if (value <= 0) return Resources.empty;
        return Resources.of([{ name: 'mem', type: 'SCALAR', scalar: { value }, revocable: {} }]);
      },
    };
  },
});

export const controller = defineModule({
  kind: 'QoSController',
  name: 'org_example_MemoryController',
  description: 'Ends the largest borrower when memory runs short',
  parameters: {
    threshold: param.float({ default: 0.9, min: 0, max: 1, help: 'Of the agent’s memory.' }),
  },
  create({ log }, { threshold }): QoSController {
    let usage: Usage = async () => ({});
    return {
      initialize(ask) {
        usage = ask;
      },
      async corrections() {
        const now = await usage();
        const total = memoryOf(Resources.of(now.total ?? []));
        if (memoryUsed(now) <= total * threshold) return [];
        const borrowers = (now.executors ?? []).filter(({ allocated = [] }) =>
          allocated.some(isRevocable),
        );
        const size = (each: (typeof borrowers)[number]) => each.statistics?.memRssBytes ?? 0;
        const [largest] = borrowers.sort((a, b) => size(b) - size(a));
        if (!largest) return [];
        const { executorInfo, containerId } = largest;
        const { frameworkId, executorId } = executorInfo;
        log.warn('memory runs short', { executorId: executorId.value });
        return [{ type: 'KILL', kill: { frameworkId, executorId, containerId } }];
      },
    };
  },
});
