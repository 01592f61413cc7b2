import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createChannelPair } from '@mesita/sdk/conformance';
import type { Authenticator, Isolator } from '@mesita/sdk/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../actor/clock.ts';
import { replayModule } from '../replay.ts';
import { createModulesScene, type ModulesScene } from '../scene.testing.ts';
import { createModuleRecorder, type ModuleRecorder } from './record.ts';

let scene: ModulesScene;
let recorder: ModuleRecorder;
beforeEach(() => {
  scene = createModulesScene({}, { record: (held) => recorder.record(held) });
  const { log } = scene.manager.contextOf('test');
  recorder = createModuleRecorder(join(scene.root, 'recorded'), { clock: systemClock, log });
});
afterEach(() => scene.end());

const isolator = (answer: string) => `
import { defineModule, param } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Isolator',
  name: 'I',
  parameters: { token: param.secret(), grace: param.duration({ default: '1secs' }) },
  create: ({ clock }) => ({
    prepare: async (id, config) => ({ environment: { variables: [{ name: 'ID', type: 'VALUE', value: ${answer} }] } }),
    usage: async () => ({ timestamp: 0, memRssBytes: 7 }),
    async cleanup(id) { if (id.value === 'bad') throw new Error('cannot'); },
  }),
});
`;

async function record(): Promise<string> {
  scene.write('a.ts', isolator('id.value'));
  const parameters = [{ key: 'token', value: 'hunter2' }];
  await scene.load({ libraries: { file: 'a.ts', modules: { name: 'I', parameters } } });
  const instance: Isolator = await scene.manager.create('Isolator', 'I');
  const secret = { type: 'VALUE', value: { data: Buffer.from('hunter2') } } as const;
  const variables = [{ name: 'S', type: 'SECRET', secret }] as const;
  const config = { directory: '/d', commandInfo: { environment: { variables } } };
  await instance.prepare?.({ value: 'c1' }, config);
  await instance.usage?.({ value: 'c1' });
  await instance.cleanup?.({ value: 'bad' })?.catch(() => undefined);
  await instance.cleanup?.({ value: 'c1' });
  await recorder.stop();
  return join(scene.root, 'recorded/I.jsonl');
}

test('a recording is the protocol, without secrets', async () => {
  const text = readFileSync(await record(), 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), at: 0 }));
  expect([text.includes('hunter2'), text.includes(btoa('hunter2'))]).toEqual([false, false]);
  expect(lines[0]).toMatchObject({
    method: 'create',
    args: { instance: 'I', kind: 'Isolator', parameters: [{ key: 'token', value: '<redacted>' }] },
  });
  expect(lines.slice(2, 5)).toEqual([
    {
      at: 0,
      id: 1,
      result: { environment: { variables: [{ name: 'ID', type: 'VALUE', value: 'c1' }] } },
    },
    { at: 0, id: 2, method: 'usage', args: { id: { value: 'c1' } } },
    { at: 0, id: 2, result: { timestamp: 0, mem_rss_bytes: 7 } },
  ]);
  expect(lines[6]).toEqual({ at: 0, id: 3, error: 'cannot' });
});

const authenticator = `
import { defineModule } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Authenticator',
  name: 'A',
  create: () => ({
    initialize() {},
    async authenticate(_peer, channel) {
      for await (const message of channel.messages) {
        channel.send(message);
        return new TextDecoder().decode(message) === 'hunter2' ? 'ada' : undefined;
      }
    },
  }),
});
`;

test('of a conversation it is recorded who came and what came of it, and not what was said', async () => {
  const modulePath = scene.write('a.ts', authenticator);
  await scene.load({ libraries: { file: 'a.ts', modules: { name: 'A' } } });
  const instance: Authenticator = await scene.manager.create('Authenticator', 'A');
  const credentials = [{ principal: 'ada', secret: 'hunter2' }];
  await instance.initialize(credentials);
  for (const said of ['hunter2', 'a guess']) {
    const [own, peer] = createChannelPair();
    peer.send(new TextEncoder().encode(said));
    await instance.authenticate('slave(1)@h:1', own, new AbortController().signal);
  }
  await recorder.stop();
  const file = join(scene.root, 'recorded/A.jsonl');
  const text = readFileSync(file, 'utf8');
  expect(text).not.toMatch(new RegExp(`hunter2|${btoa('hunter2')}|guess`));
  const lines = text.trim().split('\n').slice(1);
  expect(lines.map((line) => ({ ...JSON.parse(line), at: 0 }))).toEqual([
    {
      ...{ at: 0, id: 1, method: 'initialize' },
      args: { credentials: [{ principal: 'ada', secret: '<redacted>' }] },
    },
    { at: 0, id: 1, result: null },
    { at: 0, id: 2, method: 'authenticate', args: { peer: 'slave(1)@h:1', channel: 2 } },
    { at: 0, id: 2, result: 'ada' },
    { at: 0, id: 3, method: 'authenticate', args: { peer: 'slave(1)@h:1', channel: 3 } },
    { at: 0, id: 3, result: null },
  ]);
  // A replay makes no attempts: there is nobody to talk to.
  expect(await replayModule({ file, modulePath })).toEqual({ calls: 1, equal: 1, differences: [] });
});

test('a replay finds what another version does otherwise', async () => {
  const file = await record();
  const same = await replayModule({ file, modulePath: join(scene.root, 'a.ts') });
  scene.write('b.ts', isolator("id.value + '!'"));
  const other = await replayModule({ file, modulePath: join(scene.root, 'b.ts'), moduleName: 'I' });
  expect([same, other]).toMatchObject([
    { calls: 4, equal: 4, differences: [] },
    { calls: 4, equal: 3, differences: [{ line: 3, method: 'prepare' }] },
  ]);
});

test('what is no recording is said', async () => {
  const modulePath = scene.write('a.ts', isolator('id.value'));
  const file = scene.write('x.jsonl', 'no\n');
  const hook = scene.write('y.jsonl', '{"at":0,"method":"create","args":{"kind":"Hook"}}\n');
  await expect(replayModule({ file, modulePath })).rejects.toThrow('x.jsonl:1: no line of a recor');
  await expect(replayModule({ file: hook, modulePath })).rejects.toThrow(
    'line 1: recorded of kind Hook, replayed as Isolator',
  );
});
