import { createTestContext } from '@mesita/sdk/module';
import type { ResourceUsage } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { createLoadController, loadQoSController } from './load.ts';

const cpus = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } } as const;
const executor = (id: string, revocable: boolean): ResourceUsage.Executor => ({
  executorInfo: { frameworkId: { value: 'F' }, executorId: { value: id } },
  containerId: { value: `c-${id}` },
  allocated: [revocable ? { ...cpus, revocable: {} } : cpus],
});
const executors = [executor('firm', false), executor('lent', true)];

const kill = {
  type: 'KILL',
  kill: {
    frameworkId: { value: 'F' },
    executorId: { value: 'lent' },
    containerId: { value: 'c-lent' },
  },
};

function start(load: () => number[]) {
  const { context, advance } = createTestContext();
  const thresholds = { load_threshold_5min: 8, load_threshold_15min: 4 };
  const controller = createLoadController({ ...context, thresholds, load });
  controller.initialize(async () => ({ executors }));
  return { controller, advance };
}

test.each([
  ['of 5 minutes', [0, 8.1, 0]],
  ['of 15 minutes', [0, 0, 4.1]],
])('ends what runs on lent resources while the load %s is too high', async (_title, load) => {
  expect(await start(() => load).controller.corrections()).toEqual([kill]);
});

test('§4.2.3 waits until it is', async () => {
  let load = [100, 8, 4];
  const { controller, advance } = start(() => load);
  const corrections = controller.corrections();
  await Promise.resolve();
  load = [0, 9, 4];
  advance(5000);
  expect(await corrections).toEqual([kill]);
});

test('it needs a threshold', () => {
  expect(() =>
    loadQoSController.create(createTestContext().context, {
      load_threshold_5min: undefined,
      load_threshold_15min: undefined,
    }),
  ).toThrow('No load thresholds are configured for LoadQoSController');
});
