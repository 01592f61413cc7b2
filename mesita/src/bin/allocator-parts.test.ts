import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createTestContext, type KindName } from '@mesita/sdk/module';
import { expect, test } from 'vitest';
import { createAllocatorParts } from '../modules/allocator-parts.ts';
import { createInHome } from '../modules/homes/home.ts';
import { parseManifest } from '../modules/manifest.ts';
import { createMetrics } from '../net/metrics.ts';
import { startModules } from './modules.ts';

const LIBRARY = fileURLToPath(
  new URL('../../../examples/modules/allocator-parts.ts', import.meta.url),
);
const NAMES = ['BinPacking', 'Pools', 'Ceiling', 'RandomSorter'].map(
  (name) => `org_example_${name}`,
);

async function start() {
  const { log, clock, signal } = createTestContext().context;
  const manifest = { libraries: [{ file: LIBRARY, modules: NAMES.map((name) => ({ name })) }] };
  const { manager } = await startModules({
    flags: {
      modules: parseManifest(JSON.stringify(manifest)),
      modulesDir: undefined,
      modulePath: undefined,
      hooks: undefined,
    },
    gate: { authorized: async () => true },
    ...{ log, signal, manifestFile: undefined, realm: 'test' },
    ...{ workDir: tmpdir(), runtimeDir: tmpdir(), metrics: createMetrics(clock) },
  });
  return manager;
}

test('the examples take part in the allocator under their flag', async () => {
  const parts = await createAllocatorParts(new Set(NAMES), await start());
  expect(Object.keys(parts).sort()).toEqual([
    'agentOrder',
    'offerFilters',
    'quotaPolicy',
    'sorter',
  ]);
  const offer = {
    agentInfo: {
      hostname: 'h',
      attributes: [{ name: 'pool', type: 'TEXT', text: { value: 'ml' } }],
    },
    role: 'web',
  } as never;
  expect(parts.offerFilters?.[0]?.refuse(offer)).toBe('the agent belongs to the pool ml');
  expect(parts.sorter?.sort([{ path: 'a' }, { path: 'b' }] as never, {} as never)).toHaveLength(2);
  const role = { path: 'a', parent: undefined, quota: undefined, consumed: () => 99_000 };
  expect(parts.quotaPolicy?.left(role, 'cpus')).toBe(1000);
  expect(parts.quotaPolicy?.left(role, 'mem')).toBe(Number.POSITIVE_INFINITY);
});

test('what is not loaded, or no part, is said', async () => {
  await expect(createAllocatorParts(new Set(['nobody']), await start())).rejects.toThrow(
    "'nobody' is not loaded",
  );
});

test.each(['worker', 'process', 'program'] as const)(
  'what answers at once cannot live in a %s, and says so',
  async (home) => {
    const kinds: readonly KindName[] = [
      'AgentOrder',
      'AllocatorSorter',
      'OfferFilter',
      'QuotaPolicy',
    ];
    for (const kind of kinds) {
      const making = createInHome({ kind, home, name: 'part' } as never, {} as never);
      await expect(making).rejects.toThrow(
        `A module of kind ${kind} answers at once: its home is 'daemon'`,
      );
    }
  },
);
