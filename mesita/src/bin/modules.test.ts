import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext } from '@mesita/sdk/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseManifest } from '../modules/manifest.ts';
import { createMetrics } from '../net/metrics.ts';
import { startModules } from './modules.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mesita-start-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function start(
  flags: { modules?: string; modulesDir?: string; hooks?: string },
  manifestFile?: string,
) {
  const { log, clock, signal } = createTestContext().context;
  return startModules({
    flags: {
      modules: flags.modules === undefined ? undefined : parseManifest(flags.modules),
      modulesDir: flags.modulesDir,
      modulePath: undefined,
      hooks: flags.hooks,
    },
    gate: { authorized: async () => true },
    ...{ log, signal, manifestFile, workDir: root, runtimeDir: root, realm: 'test' },
    metrics: createMetrics(clock),
  });
}

const refusal = async (flags: Parameters<typeof start>[0]) =>
  start(flags).then(
    () => 'started',
    (error: Error) => error.message.replaceAll(root, '<PATH>'),
  );

const missing = 'cannot open shared object file: No such file or directory';

// The rows of what a C++ Mesos answered, by their numbers; a library's own words are Mesita's.
test.each([
  ['ST047', { modules: '{}' }, 'started'],
  [
    'ST051 ST125',
    { modules: '{"libraries":[{"name":"nosuchlib","modules":[{"name":"x"}]}]}' },
    "Error loading modules: Error opening library: 'nosuchlib': Could not load library 'nosuchlib': no package of that name is installed in <PATH>/node_modules or with Mesita",
  ],
  [
    'ST052 ST126',
    { modules: '{"libraries":[{"modules":[{"name":"x"}]}]}' },
    'Error loading modules: Library name or path not provided',
  ],
  [
    'ST124',
    { modules: '{"libraries":[{"file":"/nosuch.so","modules":[{"name":"x"}]}]}' },
    `Error loading modules: Error opening library: '/nosuch.so': Could not load library '/nosuch.so': /nosuch.so: ${missing}`,
  ],
  [
    'ST133',
    { modulesDir: '/nosuch' },
    "Error loading modules: Error loading module manifests from '/nosuch' directory: Failed to opendir '/nosuch': No such file or directory",
  ],
  [
    'ST062',
    { hooks: 'nosuchhook' },
    "Error installing hooks: No hook module named 'nosuchhook' available",
  ],
  ['ST063', { hooks: ',x' }, "Error installing hooks: No hook module named '' available"],
])('%s', async (_ids, flags, text) => {
  expect(await refusal(flags)).toBe(text);
});

test('§2.2 §3.14 ST058 ST132 ST134 ST135: directories of manifests', async () => {
  const modulesDir = join(root, 'manifests');
  mkdirSync(modulesDir);
  const empty = await refusal({ modulesDir });
  writeFileSync(join(modulesDir, '.hidden'), '{');
  const bad = await refusal({ modulesDir });
  rmSync(join(modulesDir, '.hidden'));
  mkdirSync(join(modulesDir, 'sub'));
  const nested = await refusal({ modulesDir });
  expect([empty, bad, nested]).toEqual([
    'started',
    "Error loading modules: Error parsing module manifest file '<PATH>/manifests/.hidden': syntax error at line 1 near: ",
    "Error loading modules: Error reading module manifest file '<PATH>/manifests/sub': Is a directory",
  ]);
});

const library = `
import { defineModule, ModuleSkipped } from '@mesita/sdk/module';
export const a = defineModule({ kind: 'Anonymous', name: 'A', create: ({ log }) => {
  log.info('anonymous');
  return { stop: () => log.info('stopped') };
} });
export const s = defineModule({ kind: 'Anonymous', name: 'S', create: () => { throw new ModuleSkipped('no'); } });
export const f = defineModule({ kind: 'Anonymous', name: 'F', create: () => { throw new Error('sorry'); } });
export const h = defineModule({ kind: 'Hook', name: 'H', create: () => ({ masterAgentLost() {} }) });
`;

test('§2.2 §4.Anonymous manifests of a directory are read in order, anonymous modules live, hooks are installed', async () => {
  writeFileSync(join(root, 'lib.mts'), library);
  const modulesDir = join(root, 'manifests');
  mkdirSync(modulesDir);
  const manifest = (name: string) =>
    `{"libraries":{"file":"../lib.mts","modules":{"name":"${name}"}}}`;
  writeFileSync(join(modulesDir, '2'), manifest('H'));
  writeFileSync(join(modulesDir, '10'), manifest('A'));
  writeFileSync(join(modulesDir, '11'), manifest('S'));
  const modules = await start({ modulesDir, hooks: 'H' });
  await modules.stop();
  expect([
    modules.manager.loaded.map(({ name, skipped }) => [name, skipped]),
    modules.hooks.has('masterAgentLost'),
  ]).toEqual([
    [
      ['A', undefined],
      ['S', 'no'],
      ['H', undefined],
    ],
    true,
  ]);

  writeFileSync(join(modulesDir, '3'), manifest('F'));
  expect(await refusal({ modulesDir })).toBe(
    "Failed to create anonymous module named 'F': Error creating Module instance for 'F': sorry (<PATH>/lib.mts)",
  );
});

test('§1.2 a library is looked for beside the manifest that names it', async () => {
  writeFileSync(join(root, 'lib.mts'), library);
  const modules = '{"libraries":{"file":"lib.mts","modules":{"name":"H"}}}';
  const { manager } = await start({ modules }, join(root, 'manifest.json'));
  expect(manager.contains('Hook', 'H')).toBe(true);
});
