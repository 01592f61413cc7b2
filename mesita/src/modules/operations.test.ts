import type { Hook } from '@mesita/sdk/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../actor/clock.ts';
import { listModules } from './describe.ts';
import { createModulesEndpoint } from './endpoint.ts';
import { createModuleOperations } from './operations.ts';
import { createModulesScene, type ModulesScene } from './scene.testing.ts';

let scene: ModulesScene;
/** `<principal> <path>` */
const forbidden = new Set<string>();
beforeEach(() => {
  scene = createModulesScene();
});
afterEach(() => {
  scene.end();
  forbidden.clear();
});

const hook = (label: string, more = '') => `
import { defineModule, param } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Hook',
  name: 'H',
  parameters: { token: param.secret() },
  create: ({ routes }) => {
    let calls = 0;
    routes.handle('/label', () => ({ body: '${label}' }));
    return {
      async agentExecutorEnvironmentDecorator() {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return { variables: [{ name: '${label}', type: 'VALUE', value: String(++calls) }] };
      },
      ${more}
    };
  },
});
`;

const manifest = {
  libraries: {
    file: 'a.ts',
    modules: { name: 'H', parameters: { key: 'token', value: 'hunter2' } },
  },
};

async function start(label = 'old', more = '') {
  scene.write('a.ts', hook(label, more));
  await scene.load(manifest);
  const instance = await scene.manager.create('Hook', 'H');
  const { log } = scene.manager.contextOf('test');
  const operations = createModuleOperations({
    ...{ manager: scene.manager, clock: systemClock, log, onChange() {} },
  });
  const { shop } = scene.manager;
  scene.http.answerRoot(
    createModulesEndpoint(shop, operations, async ({ principal }, action, { value }) => {
      if (action !== 'GET_ENDPOINT_WITH_PATH') throw new Error(`asked about ${action}`);
      return principal === undefined || !forbidden.has(`${principal} ${value}`);
    }),
  );
  return { instance, operations };
}

async function ask(
  method: string,
  body?: object | string,
  query: Record<string, string> = {},
  principal?: string,
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  const [route] = scene.http.process.routes;
  const answer = await route!.handler({
    ...{ method, rest: '', headers: {}, principal, query: new Map(Object.entries(query)) },
    body: async () => Buffer.from(text),
  } as never);
  const said = String(answer.body).replaceAll(scene.root, '.');
  return [answer.status, said.startsWith('{') ? JSON.parse(said) : said];
}

async function call(instance: Hook): Promise<string> {
  const answer = await instance.agentExecutorEnvironmentDecorator?.({ executorId: { value: 'e' } });
  const { name, value } = answer?.variables?.[0] ?? {};
  return `${name} ${value}`;
}

test('a reload under a stream of calls loses none, and each is answered by one version', async () => {
  const { instance, operations } = await start();
  const answers: Promise<string>[] = [];
  let isOver = false;
  const stream = (async () => {
    while (!isOver) {
      answers.push(call(instance));
      await new Promise(setImmediate);
    }
  })();
  for (let version = 1; version <= 5; version++) {
    scene.write('a.ts', hook(`v${version}`));
    expect(await operations.reload('H', false)).toBe(true);
    expect((await call(instance)).split(' ')[0]).toBe(`v${version}`);
  }
  isOver = true;
  await stream;
  const names = (await Promise.all(answers)).map((answer) => answer.split(' ')[0]);
  const order = ['old', 'v1', 'v2', 'v3', 'v4', 'v5'];
  expect(names.filter((name) => !order.includes(name!))).toEqual([]);
  expect(names.map((name) => order.indexOf(name!))).toEqual(
    names.map((name) => order.indexOf(name!)).sort((a, b) => a - b),
  );
  const [view] = listModules(scene.manager.shop);
  expect(view).toMatchObject({ reloads: 5, failures: 0, calls: answers.length + 5 });
});

test('a file that the library imports is part of it', async () => {
  const { instance } = await start();
  scene.write('labels.ts', "export const label = 'one';");
  const imports = hook('X').replaceAll("'X'", 'label');
  scene.write('a.ts', `import { label } from './labels.ts';\n${imports}`);
  const reload = { action: 'reload', name: 'H' };
  const answers = [await ask('POST', reload), await call(instance)];
  scene.write('labels.ts', "export const label = 'two';");
  answers.push(await ask('POST', reload), await call(instance), await ask('POST', reload));
  expect(answers).toEqual([
    [200, { name: 'H', reloaded: true }],
    'one 1',
    [200, { name: 'H', reloaded: true }],
    'two 1',
    [200, { name: 'H', reloaded: false }],
  ]);
});

test('a version that cannot start keeps the old one, and says why', async () => {
  const { instance } = await start();
  const reload = { action: 'reload', name: 'H' };
  scene.write('a.ts', 'export default {\n  kind = 3,\n};\n');
  const syntax = await ask('POST', reload);
  scene.write('a.ts', hook('new').replace("kind: 'Hook'", "kind: 'Isolator'"));
  const kind = await ask('POST', reload);
  scene.write('a.ts', hook('new').replace('let calls', "throw new Error('no disk'); let calls"));
  const thrown = await ask('POST', reload);
  scene.write('a.ts', hook('old'));
  const same = await ask('POST', reload);
  expect([syntax, kind, thrown, same, await call(instance)]).toEqual([
    [
      400,
      "Error opening library: 'a.ts': Could not load library 'a.ts': ./a.ts:2:7: syntax error: Invalid shorthand property initializer",
    ],
    [400, "Module 'H' was of kind Hook and is now Isolator"],
    [400, "Error creating Module instance for 'H': no disk (./a.ts)"],
    [200, { name: 'H', reloaded: false }],
    'old 1',
  ]);
});

test('what the old version exports, the new one imports, before any call', async () => {
  const state = 'exportState: () => ({ calls }), importState: (s) => { calls = s.calls; },';
  const { instance, operations } = await start('old', state);
  await call(instance);
  scene.write('a.ts', hook('new', state));
  await operations.reload('H', false);
  expect(await call(instance)).toBe('new 2');

  scene.write(
    'a.ts',
    hook('bad', state.replace('calls = s.calls', "throw new Error('old state')")),
  );
  await expect(operations.reload('H', false)).rejects.toThrow('old state');
  expect(await call(instance)).toBe('new 3');
});

test('the list, one of it, and requests that are wrong', async () => {
  const { instance } = await start();
  await call(instance);
  const [, { modules }] = await ask('GET');
  const [, one] = await ask('GET', undefined, { name: 'H' });
  expect(modules).toMatchObject([
    {
      ...{ name: 'H', kind: 'Hook', module: 'H', version: null, api_version: 1 },
      ...{ library: './a.ts', origin: 'file', hash: expect.any(String), home: 'daemon' },
      ...{ state: 'running', last_error: null, calls: 1, failures: 0, timeouts: 0, restarts: 0 },
      methods: { agentExecutorEnvironmentDecorator: { calls: 1, breaker: 'closed' } },
    },
  ]);
  expect(one.parameters).toEqual([{ key: 'token', value: '<redacted>' }]);
  expect([
    await ask('GET', undefined, { name: 'nobody' }),
    await ask('POST', '{'),
    await ask('POST', []),
    await ask('POST', { action: 'dance' }),
    await ask('POST', { action: 'reload' }),
    await ask('POST', { action: 'unload', name: 'nobody' }),
    await ask('PUT'),
  ]).toEqual([
    [404, "Module 'nobody' unknown"],
    [400, expect.stringMatching(/^The body is no JSON/)],
    [400, 'Expecting a JSON object'],
    [400, "Unknown action 'dance'"],
    [400, "Expecting a string 'name'"],
    [400, "Error unloading module 'nobody': module not loaded"],
    [405, "Expecting one of { 'GET', 'POST' }, but received 'PUT'."],
  ]);
});

test('a file that no flag named is run only for somebody known', async () => {
  await start();
  scene.write('b.ts', hook('new').replace("'H'", "'N'"));
  const manifest = { libraries: [{ file: `${scene.root}/b.ts`, modules: [{ name: 'N' }] }] };
  expect(await ask('POST', { action: 'load', manifest })).toEqual([
    403,
    'Modules are loaded for those who are authenticated only',
  ]);
  expect(scene.manager.contains('Hook', 'N')).toBe(false);
  expect(await ask('POST', { action: 'load', manifest }, {}, 'ann')).toEqual([
    200,
    { loaded: true },
  ]);
  expect(scene.manager.contains('Hook', 'N')).toBe(true);
});

test('each thing that may be done is asked about', async () => {
  const { instance } = await start();
  const paths = ['', '/reload', '/load', '/unload', '/shadow'];
  for (const path of paths) forbidden.add(`bob /modules${path}`);
  const orders = [
    { action: 'reload', name: 'H', force: true },
    { action: 'load', manifest: {} },
    { action: 'unload', name: 'H' },
    { action: 'shadow', name: 'H', of: 'H' },
    { action: 'unshadow', name: 'H' },
  ];
  const answers = [await ask('GET', undefined, {}, 'bob')];
  for (const order of orders) answers.push(await ask('POST', order, {}, 'bob'));
  expect(answers.map(([status]) => status)).toEqual([403, 403, 403, 403, 403, 403]);
  expect([await call(instance), (await ask('GET', undefined, {}, 'ann'))[0]]).toEqual([
    'old 1',
    200,
  ]);
});

test('an unloaded hook has no methods any more', async () => {
  const { instance } = await start();
  expect(await ask('POST', { action: 'unload', name: 'H' })).toEqual([
    200,
    { name: 'H', unloaded: true },
  ]);
  expect([instance.agentExecutorEnvironmentDecorator, scene.manager.loaded]).toEqual([
    undefined,
    [],
  ]);
});
