import { unwrap } from '@mesita/sdk/base';
import { createTestContext, parseParameters } from '@mesita/sdk/module';
import { expect, test } from 'vitest';
import { fixedResourceEstimator } from './fixed.ts';

test('§4.2.2 lends what was configured, less what runs on it, never what is not revocable', async () => {
  const pairs = [{ key: 'resources', value: 'cpus:4;mem:512' }];
  const parameters = unwrap(parseParameters(fixedResourceEstimator.parameters, pairs));
  const estimator = await fixedResourceEstimator.create(createTestContext().context, parameters);
  const cpus = (value: number) =>
    ({ name: 'cpus', type: 'SCALAR', scalar: { value }, allocationInfo: { role: 'ads' } }) as const;
  const executor = { executorInfo: { executorId: { value: 'e' } }, containerId: { value: 'c' } };
  const executors = [
    { ...executor, allocated: [cpus(2)] },
    { ...executor, allocated: [{ ...cpus(1), revocable: {} }] },
  ];
  estimator.initialize(async () => ({ executors }));
  expect(String(await estimator.oversubscribable())).toBe('cpus{REV}:3; mem{REV}:512');
});

test('it must be told what to lend', () => {
  expect(parseParameters(fixedResourceEstimator.parameters, [])).toEqual({
    ok: false,
    error: "Parameter 'resources' is required",
  });
});
