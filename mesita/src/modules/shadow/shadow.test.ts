import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { Allocator, Authorizer } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../actor/clock.ts';
import { inspectModule } from '../describe.ts';
import { createModuleOperations, type ModuleOperations } from '../operations.ts';
import { createModulesScene, type ModulesScene } from '../scene.testing.ts';

let scene: ModulesScene;
let operations: ModuleOperations;
beforeEach(() => {
  scene = createModulesScene();
  const { manager } = scene;
  const { log } = manager.contextOf('test');
  operations = createModuleOperations({ manager, clock: systemClock, log, onChange() {} });
});
afterEach(() => scene.end());

/** Offers whatever is free to the framework it prefers. */
const allocators = `
import { defineModule, param } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
export default defineModule({
  kind: 'Allocator',
  name: 'Whole',
  parameters: { to: param.string({ required: true }) },
  create: (_context, { to }) => {
    const free = new Map();
    let offer;
    const run = () => {
      for (const [agent, resources] of free) {
        if (resources.isEmpty) continue;
        free.set(agent, Resources.empty);
        offer(to, new Map([['*', new Map([[agent, resources.allocate('*')]])]]));
      }
    };
    return {
      initialize(_options, callbacks) { offer = callbacks.offer; },
      addAgent(agent, _info, _capabilities, _unavailability, total, used) {
        let left = total;
        for (const resources of used.values()) left = left.subtract(resources.unallocate());
        free.set(agent, left);
        run();
      },
      recoverResources(_framework, agent, resources) {
        free.set(agent, free.get(agent).add(resources.unallocate()));
        run();
      },
      addResourceProvider(agent, total, used) {
        let left = free.get(agent);
        for (const resources of used.values()) left = left.subtract(resources.unallocate());
        free.set(agent, left);
      },
      addFramework() {},
    };
  },
});
`;

const preferring = (as: string, to: string) => ({
  name: 'Whole',
  as,
  parameters: { key: 'to', value: to },
});

test('an allocator sees the live stream, and is compared', async () => {
  scene.write('a.ts', allocators);
  const modules = [
    preferring('acting', 'web'),
    preferring('same', 'web'),
    preferring('other', 'batch'),
  ];
  await scene.load({ libraries: { file: 'a.ts', modules } });
  const acting: Allocator = await scene.manager.create('Allocator', 'acting');
  const offers: string[] = [];
  acting.initialize({ allocationIntervalMs: 10 } as never, {
    offer: (framework) => void offers.push(framework),
    inverseOffer() {},
  });
  const total = unwrap(Resources.parse('cpus:4'));
  const agent = 'a' as AgentId;
  const web = 'web' as FrameworkId;
  const add = (id: AgentId) =>
    acting.addAgent(id, { hostname: 'h' }, [], undefined, total, new Map());
  add(agent);
  await operations.shadow('same', 'acting');
  await operations.shadow('other', 'acting');
  add('b' as AgentId);
  acting.recoverResources(web, agent, total.allocate('*'), undefined, false);
  const figures = await scene.metrics.snapshot();
  const tallies = ['same', 'other'].map((name) => [
    figures.get(`modules/${name}/shadow_equal`),
    figures.get(`modules/${name}/shadow_different`),
  ]);
  // Nothing is decided yet about the other's: it has a while to say the same.
  expect([offers, tallies]).toEqual([
    ['web', 'web', 'web'],
    [
      [2, 0],
      [0, 0],
    ],
  ]);
  // What comes back is true of the acting one's books; the shadow is set right before it hears.
  acting.recoverResources(web, agent, total.allocate('*'), undefined, false);
  expect(inspectModule(scene.manager.shop, 'other')).toMatchObject({
    shadow_of: 'acting',
    shadow: {
      equal: 0,
      different: 2,
      differences: [
        { subject: 'batch on a', acting: null, candidate: 'batch as *: cpus:4 of a' },
        { subject: 'web on a', acting: 'web as *: cpus:4 of a', candidate: null },
      ],
    },
  });
  await operations.unshadow('same');
  await operations.unshadow('other');
  await expect(operations.unshadow('other')).rejects.toThrow("Module 'other' is no shadow");
});

const authorizer = `
import { defineModule, param } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Authorizer',
  name: 'Only',
  parameters: { user: param.string({ required: true }) },
  create: (_context, { user }) => ({
    authorized: (subject) => subject?.value === user,
    approver: (subject) => () => subject?.value === user,
  }),
});
`;

test('an authorizer is asked every question, and decides nothing', async () => {
  scene.write('a.ts', authorizer);
  const one = (as: string) => ({ name: 'Only', as, parameters: { key: 'user', value: as } });
  await scene.load({ libraries: { file: 'a.ts', modules: [one('ada'), one('bob')] } });
  const acting: Authorizer = await scene.manager.create('Authorizer', 'ada');
  await operations.shadow('bob', 'ada');
  const ada = { value: 'ada' };
  const approve = await acting.approver(ada, 'VIEW_TASK');
  expect([
    await acting.authorized(ada, 'RUN_TASK', undefined),
    await acting.authorized({ value: 'eve' }, 'RUN_TASK', undefined),
    approve(undefined),
  ]).toEqual([true, false, true]);
  await new Promise(setImmediate);
  expect(inspectModule(scene.manager.shop, 'bob')).toMatchObject({
    shadow: {
      equal: 1,
      different: 2,
      differences: [
        { subject: 'ada RUN_TASK', acting: true, candidate: false },
        { subject: 'ada VIEW_TASK', acting: true, candidate: false },
      ],
    },
  });
});

test('who cannot be a shadow is told why', async () => {
  scene.write('a.ts', authorizer);
  const one = (as: string) => ({ name: 'Only', as, parameters: { key: 'user', value: as } });
  await scene.load({ libraries: { file: 'a.ts', modules: [one('ada'), one('bob')] } });
  await scene.manager.create('Authorizer', 'ada');
  const refusal = (name: string, of: string) =>
    operations.shadow(name, of).catch((error: Error) => error.message);
  expect([
    await refusal('eve', 'ada'),
    await refusal('bob', 'eve'),
    await refusal('ada', 'ada'),
  ]).toEqual(["Module 'eve' unknown", "No module acts as 'eve'", "Module 'ada' is in use"]);
});
