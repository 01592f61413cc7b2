// What is wrong with modules ends the real daemons: one line that names the file, a status that is not
// 0, and nothing made on disk before.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, directories, spawnDaemon } from '../harness/cluster.ts';

const isolator = (more: string) => `
import { defineModule, param } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Isolator',
  name: 'I',
  parameters: { level: param.int() },
  ${more}
});
`;

const files: Readonly<Record<string, string>> = {
  'good.ts': isolator('create: () => ({}),'),
  'syntax.ts': 'export const a: number = 1;\n\nexport default { kind = 3 };\n',
  'imports.ts': "import './syntax.ts';\n",
  'future.ts': `
    import { defineModule } from '@mesita/sdk/module';
    const made = defineModule({ kind: 'Isolator', name: 'I', create: () => ({}) });
    export default Object.defineProperties({}, {
      ...Object.getOwnPropertyDescriptors(made), apiVersion: { value: 99 },
    });`,
  'endless.ts': isolator('create: () => new Promise(() => {}),'),
  'manifest.json': '{"libraries": [',
};

let cluster: Cluster;
beforeAll(() => {
  cluster = createCluster();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cluster.folder, name), text);
  mkdirSync(join(cluster.folder, 'manifests'));
  writeFileSync(join(cluster.folder, 'manifests', '10-bad'), 'no json');
});
afterAll(() => cluster.stop());

type Flags = (path: (name: string) => string) => readonly string[];

const module = { name: 'I' };
const manifest = (modules: object, file = 'good.ts'): Flags => {
  return (path) => [`--modules=${JSON.stringify({ libraries: { file: path(file), modules } })}`];
};
const and =
  (flags: Flags, ...more: readonly string[]): Flags =>
  (path) => [...flags(path), ...more];

const open = (file: string) =>
  `Error loading modules: Error opening library: '<folder>/${file}': Could not load library '<folder>/${file}': `;

const cases: readonly (readonly [title: string, flags: Flags, text: string | RegExp])[] = [
  [
    'a missing file',
    manifest(module, 'nosuch.ts'),
    `${open('nosuch.ts')}<folder>/nosuch.ts: cannot open shared object file: No such file or directory`,
  ],
  [
    'a syntax error, with its line',
    manifest(module, 'syntax.ts'),
    `${open('syntax.ts')}<folder>/syntax.ts:3:22: syntax error: Invalid shorthand property initializer`,
  ],
  [
    'a syntax error in what a library imports',
    manifest(module, 'imports.ts'),
    `${open('imports.ts')}<folder>/syntax.ts:3:22: syntax error: Invalid shorthand property initializer`,
  ],
  [
    'a wrong kind',
    and(manifest(module), '--secret_resolver=I'),
    "Failed to initialize secret resolver: Failed to initialize secret resolver: Error creating module instance for 'I': module is of kind 'Isolator', but the requested kind is 'SecretResolver' (<folder>/good.ts)",
  ],
  [
    'an unknown parameter',
    manifest({ ...module, parameters: { key: 'levle', value: '1' } }),
    "Error loading modules: Error verifying module 'I': Unknown parameter 'levle'; known are level (<folder>/good.ts)",
  ],
  [
    'a name twice, with different parameters',
    manifest([module, { ...module, parameters: { key: 'level', value: '1' } }]),
    "Error loading modules: Error loading module 'I'; this is potentially due to duplicate module names; A module with same name but different parameters already exists (<folder>/good.ts)",
  ],
  [
    'an API version from the future',
    manifest(module, 'future.ts'),
    "Error loading modules: Error verifying module 'I': Module API version mismatch. Mesos has: 1, library requires: 99 (<folder>/future.ts)",
  ],
  [
    'a module that never finishes create',
    and(manifest({ ...module, limits: { create: '100ms' } }, 'endless.ts'), '--isolation=I'),
    "Failed to create a containerizer: Could not create MesosContainerizer: Failed to create isolator 'I': Error creating Module instance for 'I': did not finish within 100ms (<folder>/endless.ts)",
  ],
  [
    'a manifest that is no JSON',
    (path) => [`--modules=file://${path('manifest.json')}`],
    /^Failed to load flag 'modules': Failed to load value '\S*<folder>\/manifest\.json': syntax error at line 1 near: *$/,
  ],
  [
    'a manifest of a directory that is no JSON',
    (path) => [`--modules_dir=${path('manifests')}`],
    /^Error loading modules: Error parsing module manifest file '<folder>\/manifests\/10-bad': syntax error/,
  ],
];

/** Flags that one of the daemons has. */
const agentsOnly = /^--(isolation|secret_resolver)=/;

async function refusal(command: 'mesos-master' | 'mesos-agent', title: string, flags: Flags) {
  const home = join(cluster.folder, `${command} ${title}`);
  const own =
    command === 'mesos-master'
      ? [`--work_dir=${home}`]
      : ['--master=127.0.0.1:1', ...directories(home)];
  const given = flags((name) => join(cluster.folder, name));
  const args = ['--ip=127.0.0.1', '--port=0', '--quiet', ...own, ...given];
  const daemon = spawnDaemon(command, 0, args);
  const status = await daemon.exited;
  const text = daemon.output().replaceAll(cluster.folder, '<folder>').trimEnd();
  return { status, text: text.replace(`${command}: `, ''), hasState: existsSync(home) };
}

/** A flag's own error is followed, as in Mesos, by how the daemon is used. */
const isFlagError = (text: string) => text.startsWith('Failed to load flag');

for (const command of ['mesos-master', 'mesos-agent'] as const) {
  const own = cases.filter(
    ([, flags]) =>
      command === 'mesos-agent' || !flags((name) => name).some((flag) => agentsOnly.test(flag)),
  );
  test.each(own)(`${command}: %s`, async (title, flags, expected) => {
    const { status, text, hasState } = await refusal(command, title, flags);
    const [line = '', ...rest] = text.split('\n');
    expect(line.replace('EXIT with status 1: ', '')).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
    if (!isFlagError(line)) expect(rest).toEqual([]);
    expect([status, hasState]).toEqual([1, false]);
  });
}
