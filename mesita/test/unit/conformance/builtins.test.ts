// The modules that Mesita ships pass what is asked of everyone's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conform } from '@mesita/sdk/conformance';
import { defineModule } from '@mesita/sdk/module';
import { afterAll, test } from 'vitest';
import { HierarchicalAllocator } from '../../../src/allocator/hierarchical-allocator.ts';
import { loadQoSController } from '../../../src/builtin/qos-controller/load.ts';
import { fixedResourceEstimator } from '../../../src/builtin/resource-estimator/fixed.ts';
import { builtinIsolators } from '../../../src/isolators/builtin.ts';
import { createSecretResolver } from '../../../src/modules/secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'mesita-conformance-'));
afterAll(() => rmSync(directory, { recursive: true }));

// A union of modules, each with parameters of its own.
// Those that act on the host's kernel are asked in the system tests.
const actsOnKernel = /^(cgroups|namespaces|linux|network|volume)\/|^filesystem\/(linux|shared)$/;
for (const isolator of builtinIsolators) {
  if (!actsOnKernel.test(isolator.name)) conform(test, isolator as never, { directory });
}

conform(
  test,
  defineModule({
    kind: 'Allocator',
    name: 'HierarchicalDRF',
    create: (context) => new HierarchicalAllocator(context),
  }),
);

conform(
  test,
  defineModule({
    kind: 'SecretResolver',
    name: 'values only',
    create: () => createSecretResolver(undefined, { create: () => Promise.reject() }),
  }),
  {
    samples: {
      secret: { type: 'VALUE', value: { data: new Uint8Array([1, 2, 3]) } },
      value: new Uint8Array([1, 2, 3]),
    },
  },
);

conform(test, fixedResourceEstimator, { parameters: { resources: 'cpus:8;mem:4096' } });
conform(test, loadQoSController, {
  parameters: { load_threshold_5min: '0.001' },
  patienceMs: 300,
});
