import { createTestContext } from '@mesita/sdk/module';
import type { ResourceProviderInfo } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { parseProfileMatrix } from './profile-matrix.ts';
import { createProfileAdaptor } from './uri.ts';

const writer = { access_mode: { mode: 'SINGLE_NODE_WRITER' } };
const mounted = { ...writer, mount: { fs_type: 'xfs', mount_flags: ['noatime'] } };
const fast = {
  csi_plugin_type_selector: { plugin_type: 'org.example.lvm' },
  volume_capabilities: mounted,
  create_parameters: { tier: 'ssd' },
};
const raw = {
  resource_provider_selector: { resource_providers: [{ type: 'disk', name: 'b' }] },
  volume_capabilities: { ...writer, block: {} },
};

const provider = (name: string, type: string): ResourceProviderInfo => ({
  type: 'disk',
  name,
  storage: { plugin: { type, name: 'plugin' } },
});
const a = provider('a', 'org.example.lvm');
const b = provider('b', 'other');

async function start(profiles: object) {
  const { context, advance, lines } = createTestContext();
  let text = JSON.stringify({ profile_matrix: profiles });
  const adaptor = createProfileAdaptor({
    ...context,
    read: async () => text,
    pollIntervalMs: 1000,
    maxRandomWaitMs: 0,
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  await settle();
  return {
    adaptor,
    lines,
    async change(next: object | string) {
      text = typeof next === 'string' ? next : JSON.stringify({ profile_matrix: next });
      advance(1000);
      await settle();
    },
  };
}

const never = new AbortController().signal;

test('§4.2.4 §5.DiskProfileAdaptor.translate profiles mean something to the providers they select, and nothing to others', async () => {
  const { adaptor } = await start({ fast, raw });
  expect([
    await adaptor.translate('fast', a),
    await adaptor.translate('raw', b),
    [...(await adaptor.watch(new Set(), a, never))],
    [...(await adaptor.watch(new Set(['fast']), b, never))],
  ]).toEqual([
    {
      capability: {
        accessMode: 'SINGLE_NODE_WRITER',
        mount: { fsType: 'xfs', flags: ['noatime'] },
      },
      parameters: { tier: 'ssd' },
    },
    { capability: { accessMode: 'SINGLE_NODE_WRITER', block: true }, parameters: {} },
    ['fast'],
    ['raw'],
  ]);
  await expect(adaptor.translate('slow', a)).rejects.toThrow("Profile 'slow' not found");
  await expect(adaptor.translate('fast', b)).rejects.toThrow(
    "Profile 'fast' does not apply to resource provider with type 'disk' and name 'b'",
  );
});

test('§5.DiskProfileAdaptor.watch watchers hear of what comes and goes; what went is still understood', async () => {
  const { adaptor, change } = await start({});
  const came = adaptor.watch(new Set(), a, never);
  await change({ fast });
  const went = adaptor.watch(await came, a, never);
  await change({});
  expect([[...(await came)], [...(await went)]]).toEqual([['fast'], []]);
  expect((await adaptor.translate('fast', a)).parameters).toEqual({ tier: 'ssd' });
});

test('a mapping that is wrong, or changes a profile, is ignored whole', async () => {
  const { adaptor, change, lines } = await start({ fast });
  await change('{');
  await change({ raw, fast: { ...fast, create_parameters: { tier: 'tape' } } });
  expect([...(await adaptor.watch(new Set(), b, AbortSignal.timeout(5)).catch(() => []))]).toEqual(
    [],
  );
  expect((await adaptor.translate('fast', a)).parameters).toEqual({ tier: 'ssd' });
  expect(lines).toEqual([
    'warn: cannot read disk profiles',
    'warn: disk profile differs from what it was; the whole mapping is ignored',
  ]);
});

test.each([
  ['no selector', { ...fast, csi_plugin_type_selector: undefined }, 'it selects no resource'],
  ['no access', { ...fast, volume_capabilities: { block: {} } }, 'its access mode is none of'],
  ['both ways', { ...fast, volume_capabilities: { ...mounted, block: {} } }, 'exactly one of'],
  ['a number', { ...fast, create_parameters: { size: 1 } }, "'create_parameters' must be texts"],
])('refuses a profile with %s', (_title, profile, error) => {
  const parsed = parseProfileMatrix(JSON.stringify({ profile_matrix: { p: profile } }));
  expect(parsed.ok ? 'accepted' : parsed.error).toContain(`profile 'p': ${error}`);
});
