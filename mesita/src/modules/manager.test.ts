import { type Hook, isModuleSkipped } from '@mesita/sdk/module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createModulesScene, type ModulesScene } from './scene.testing.ts';

let scene: ModulesScene;
beforeEach(() => {
  scene = createModulesScene();
});
afterEach(() => scene.end());

const hook = (name: string, more = '') => `
import { defineModule, param, ModuleSkipped, type Hook } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Hook',
  name: '${name}',
  parameters: { label: param.string({ default: 'x' }), count: param.int() },
  ${more || 'create: (_context, { label }): Hook => ({ agentExecutorEnvironmentDecorator: () => ({ variables: [{ name: label }] }) }),'}
});
`;

const one = (name: string | undefined, more: object = {}) => ({
  libraries: { file: 'a.ts', modules: { name, ...more } },
});

/** The parameter of a hook, as its decorator shows it. */
async function labelOf(hook: Hook): Promise<string | undefined> {
  const answer = await hook.agentExecutorEnvironmentDecorator?.({ executorId: { value: 'e' } });
  return answer?.variables?.[0]?.name;
}

/** The text with which it fails, without the directory of this test. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message.replaceAll(scene.root, '.') : 'nothing failed';
}

test('§1.5 §3.d a typed file is loaded without a build, and made with its parameters', async () => {
  scene.write('a.ts', hook('H'));
  await scene.load(one('H', { parameters: { key: 'label', value: 'y' } }));
  expect([
    await labelOf(await scene.manager.create('Hook', 'H')),
    await labelOf(await scene.manager.create('Hook', 'H', {}, [{ key: 'label', value: 'z' }])),
    scene.manager.contains('Hook', 'H'),
    scene.manager.contains('Isolator', 'H'),
    scene.manager.find('Hook'),
  ]).toEqual(['y', 'z', true, false, ['H']]);
});

test('one module may have several instances, each with its parameters', async () => {
  scene.write('a.ts', hook('H'));
  await scene.load(one('H'));
  await scene.load(one('H', { as: 'H2', parameters: [{ key: 'label', value: 'two' }] }));
  expect([
    await labelOf(await scene.manager.create('Hook', 'H')),
    await labelOf(await scene.manager.create('Hook', 'H2')),
  ]).toEqual(['x', 'two']);
});

test('§1.1 §1.3 §1.4 libraries of many modules, of plain JavaScript, by name from the module path', async () => {
  scene.write(
    'path/node_modules/greeter/package.json',
    '{"name":"greeter","type":"module","exports":{"import":"./main.js"}}',
  );
  scene.write(
    'path/node_modules/greeter/main.js',
    `import { defineModule } from '@mesita/sdk/module';
     export const a = defineModule({ kind: 'Hook', name: 'A', create: () => ({}) });
     export const b = defineModule({ kind: 'Anonymous', name: 'B', create: async () => ({}) });`,
  );
  await scene.load({ libraries: [{ name: 'greeter', modules: [{ name: 'A' }, { name: 'B' }] }] });
  expect(scene.manager.loaded.map(({ name, module }) => [name, module.kind])).toEqual([
    ['A', 'Hook'],
    ['B', 'Anonymous'],
  ]);
});

describe('refuses', () => {
  const missing = 'cannot open shared object file: No such file or directory';
  test.each([
    [
      '§3.1 neither file nor name',
      { libraries: [{ modules: [{ name: 'x' }] }] },
      'Library name or path not provided',
    ],
    [
      '§3.2 a missing file',
      { libraries: { file: '/nosuch.ts' } },
      `Error opening library: '/nosuch.ts': Could not load library '/nosuch.ts': /nosuch.ts: ${missing}`,
    ],
    [
      '§3.2 a missing package',
      { libraries: { name: 'nosuchlib' } },
      "Error opening library: 'nosuchlib': Could not load library 'nosuchlib': no package of that name is installed in ./path or with Mesita",
    ],
    [
      '§3.3 a module without a name',
      one(undefined),
      "Error: module name not provided with library 'a.ts'",
    ],
    [
      '§3.4 a module that is not there',
      one('nosuchsym'),
      "Error loading module 'nosuchsym': Error looking up symbol 'nosuchsym' in 'a.ts' : ./a.ts: undefined symbol: nosuchsym; it exports H",
    ],
    [
      'an unknown parameter',
      one('H', { parameters: [{ key: 'nam', value: '' }] }),
      "Error verifying module 'H': Unknown parameter 'nam'; known are label, count (./a.ts)",
    ],
    [
      'a bad value',
      one('H', { parameters: [{ key: 'count', value: 'many' }] }),
      "Error verifying module 'H': Bad value 'many' of parameter 'count': Expecting an integer (./a.ts)",
    ],
    [
      'a home that a built-in cannot have',
      {
        libraries: {
          name: 'fixed_resource_estimator',
          modules: { name: 'org_apache_mesos_FixedResourceEstimator', home: 'worker' },
        },
      },
      "Error loading module 'org_apache_mesos_FixedResourceEstimator' from 'fixed_resource_estimator': it is built in: its home is 'daemon'",
    ],
  ])('%s', async (_title, manifest, text) => {
    scene.write('a.ts', hook('H'));
    expect(await failure(scene.load(manifest))).toBe(text);
  });

  test.each([
    [
      'a syntax error, with its line',
      'export const a = 1;\nconst x: = ;\n',
      "Error opening library: 'a.ts': Could not load library 'a.ts': ./a.ts:2:9: syntax error: Unexpected token",
    ],
    [
      'a file that throws, with its line',
      'const a: number = 1;\n\nthrow new Error("no\\n" + a);\n',
      "Error opening library: 'a.ts': Could not load library 'a.ts': ./a.ts:3:7: no 1",
    ],
    [
      '§3.5 what no defineModule made',
      'export const H = { kind: "Hook", name: "H", create() {} };',
      "Error verifying module 'H': Error loading module 'H'; missing fields (./a.ts)",
    ],
    [
      '§3.6 an API version from the future',
      `import { defineModule } from '@mesita/sdk/module';
       const made = defineModule({ kind: 'Hook', name: 'H', create: () => ({}) });
       export default Object.defineProperties({}, {
         ...Object.getOwnPropertyDescriptors(made), apiVersion: { value: 99 },
       });`,
      "Error verifying module 'H': Module API version mismatch. Mesos has: 1, library requires: 99 (./a.ts)",
    ],
    [
      '§3.b no create',
      `import { defineModule } from '@mesita/sdk/module';
       export default defineModule({ kind: 'Hook', name: 'H' } as never);`,
      "Error verifying module 'H': Error loading module 'H'; missing fields (./a.ts)",
    ],
    [
      '§3.7 an unknown kind',
      hook('H').replace("kind: 'Hook'", "kind: 'Hok' as never"),
      "Error verifying module 'H': Unknown module kind: Hok (./a.ts)",
    ],
    [
      '§3.8 a version that is none',
      hook('H', "mesitaVersion: 'new', create: () => ({}),"),
      "Error verifying module 'H': Invalid version 'new' (./a.ts)",
    ],
    [
      '§3.12 a module that finds itself incompatible',
      hook('H', 'compatible: () => false, create: () => ({}),'),
      "Error verifying module 'H': Module Hhas determined to be incompatible (./a.ts)",
    ],
  ])('%s', async (_title, source, text) => {
    scene.write('a.ts', source);
    expect(await failure(scene.load(one('H')))).toBe(text);
  });

  test('§3.13 what is loaded under the same name, unless it is the same', async () => {
    scene.write('a.ts', hook('H'));
    scene.write('b.ts', hook('H'));
    await scene.load(one('H'));
    await scene.load(one('H'));
    const prefix = "Error loading module 'H'; this is potentially due to duplicate module names; ";
    expect([
      await failure(scene.load({ libraries: { file: 'b.ts', modules: { name: 'H' } } })),
      await failure(scene.load(one('H', { parameters: { key: 'label', value: 'z' } }))),
      await failure(scene.load(one('H', { limits: { create: '1secs' } }))),
    ]).toEqual([
      `${prefix}The same module appears in two different module libraries - './a.ts' and './b.ts' (./b.ts)`,
      `${prefix}A module with same name but different parameters already exists (./a.ts)`,
      `${prefix}A module with same name but different module manifest already exists (./a.ts)`,
    ]);
  });

  test.each([
    ['§3.a an unknown name', 'nosuch', 'create: () => ({}),', "Module 'nosuch' unknown"],
    [
      '§3.e nothing',
      'H',
      'create: () => undefined as never,',
      "Error creating Module instance for 'H' (./a.ts)",
    ],
    [
      'a create that throws',
      'H',
      'create: () => { throw new Error("no\\nway"); },',
      "Error creating Module instance for 'H': no way (./a.ts)",
    ],
    [
      'a create that never finishes',
      'H',
      'create: () => new Promise(() => {}),',
      "Error creating Module instance for 'H': did not finish within 20ms (./a.ts)",
    ],
  ])('create: %s', async (_title, name, more, text) => {
    scene.write('a.ts', hook('H', more));
    await scene.load(one('H', { limits: { create: '20ms' } }));
    expect(await failure(scene.manager.create('Hook', name))).toBe(text);
  });

  test('create: §3.c another kind', async () => {
    scene.write('a.ts', hook('H'));
    await scene.load(one('H'));
    expect(await failure(scene.manager.create('Isolator', 'H'))).toBe(
      "Error creating module instance for 'H': module is of kind 'Hook', but the requested kind is 'Isolator' (./a.ts)",
    );
  });
});

test('a module that this host is not for is listed with its reason', async () => {
  scene.write('a.ts', hook('H', "create: () => { throw new ModuleSkipped('no cgroups'); },"));
  await scene.load(one('H'));
  const error = await scene.manager.create('Hook', 'H').catch((reason: unknown) => reason);
  expect([isModuleSkipped(error), scene.manager.loaded[0]?.skipped]).toEqual([true, 'no cgroups']);
});

test('§3.15 loads come one after the other, whoever asks', async () => {
  scene.write('a.ts', hook('H'));
  scene.write('slow.ts', `await new Promise((go) => setTimeout(go, 30));\n${hook('S')}`);
  const slow = scene.load({ libraries: { file: 'slow.ts', modules: { name: 'S' } } });
  await Promise.all([slow, scene.load(one('H'))]);
  expect(scene.manager.loaded.map(({ name }) => name)).toEqual(['S', 'H']);
});

test('§3.16 unload forgets the name', async () => {
  scene.write('a.ts', hook('H'));
  await scene.load(one('H'));
  scene.manager.unload('H');
  expect(scene.manager.find('Hook')).toEqual([]);
  expect(() => scene.manager.unload('H')).toThrow("Error unloading module 'H': module not loaded");
});

describe('the context', () => {
  test('counts under the name of the instance, and serves below it', async () => {
    scene.write(
      'a.ts',
      `import { defineModule } from '@mesita/sdk/module';
       export default defineModule({ kind: 'Anonymous', name: 'A', create: ({ metrics, routes, name }) => {
         const hits = metrics.counter('hits');
         routes.handle('/hello', ({ rest }) => { hits.increment(); return { body: { name, rest } }; });
         routes.handle('/broken', () => { throw new Error('boom'); });
         routes.handle('/nonsense', () => 42);
         routes.handle('/status', () => ({ status: 42 }));
         routes.handle('/header', () => ({ headers: { a: 'b\\r\\nc: d' } }));
         return {};
       } });`,
    );
    await scene.load(one('A', { as: 'org.A' }));
    await scene.manager.create('Anonymous', 'org.A');
    const [route] = scene.http.process.routes;
    const get = async (rest: string) => {
      const { status, body } = await route!.handler({
        rest,
        headers: {},
        query: new Map(),
      } as never);
      return [status, body];
    };
    expect([
      await get('org.A/hello/you'),
      (await get('org.A/broken'))[0],
      (await get('org.A/nothing'))[0],
    ]).toEqual([[200, '{"name":"org.A","rest":"you"}'], 500, 404]);
    const answers = 'answered nonsense';
    expect([
      await get('org.A/nonsense'),
      await get('org.A/status'),
      await get('org.A/header'),
    ]).toEqual([
      [500, expect.stringContaining(`${answers}: Expecting an object`)],
      [500, expect.stringContaining(`${answers}: status 42`)],
      [500, expect.stringContaining(`${answers}: Invalid character in header`)],
    ]);
    const figures = await scene.metrics.snapshot();
    const shown = ['hits', 'calls', 'failures', 'nonsense'].map((name) =>
      figures.get(`modules/org.A/${name}`),
    );
    expect(shown).toEqual([1, 5, 4, 3]);
  });

  test('keeps what an isolator knows of containers through restarts, and clears it away', async () => {
    scene.write(
      'a.ts',
      `import { defineModule } from '@mesita/sdk/module';
       export default defineModule({ kind: 'Isolator', name: 'I', create: ({ containers, metrics }) => ({
         async prepare(id) { await containers.set(id, { port: 1 }); return undefined; },
         async usage(id) { return containers.get(id); },
         async cleanup(id) { metrics.counter('cleaned/' + id.value).increment(); },
       }) });`,
    );
    await scene.load(one('I'));
    const isolator = await scene.manager.create('Isolator', 'I');
    for (const value of ['one', 'two', 'gone']) await isolator.prepare?.({ value }, {} as never);
    await isolator.cleanup?.({ value: 'two' });

    const next = await scene.manager.create('Isolator', 'I');
    await next.recover?.([{ containerId: { value: 'one' } } as never], []);
    const figures = await scene.metrics.snapshot();
    expect([
      figures.get('modules/I/cleaned/gone'),
      figures.get('modules/I/cleaned/one'),
      await next.usage?.({ value: 'one' }),
      await next.usage?.({ value: 'gone' }),
    ]).toEqual([1, undefined, { port: 1 }, {}]);
  });
});
