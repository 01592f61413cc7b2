import { Resources } from '../resources/index.ts';
import { suite } from './common.ts';
import { cleanupCases } from './isolator-cleanup.ts';
import { failureCases } from './isolator-failures.ts';
import { type IsolatorScene, isolate, observe, prepare } from './isolator-life.ts';
import { recoveryCases } from './isolator-recovery.ts';
import { container, executor } from './samples.ts';
import { show } from './story.ts';
import type { Case } from './suite.ts';

const resources = Resources.of([
  { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } },
  { name: 'mem', type: 'SCALAR', scalar: { value: 64 } },
]);

async function live(scene: IsolatorScene, name: string): Promise<void> {
  const isolator = await scene.create();
  const id = container(name);
  scene.given(`the container ${name}, from its beginning to its end`);
  const launch = await prepare(scene, isolator, id);
  const forbidden = (['rootfs', 'user'] as const).filter((key) => launch?.[key] !== undefined);
  scene.expect('the launch keeps its root and its user', forbidden.length === 0, forbidden);

  const abort = new AbortController();
  const watched = isolator.watch?.(id, abort.signal);
  watched?.catch(() => {});
  await isolate(scene, isolator, id);
  scene.when('its resources change');
  const update = () => isolator.update?.(id, resources, { cpus: { value: 2 } });
  if (scene.samples.pid === undefined) await scene.end('update', update);
  else await scene.answer('update', update);
  scene.when('it is looked at');
  await observe(scene, isolator, 'usage', id);
  await observe(scene, isolator, 'status', id);
  abort.abort(new Error('the container ends'));
  scene.when('it ended');
  await scene.answer('cleanup', () => isolator.cleanup?.(id));
}

const lifeCases: readonly Case<'Isolator'>[] = [
  {
    name: 'a container lives from prepare to cleanup',
    run: (scene) => live(scene, 'c1'),
  },
  {
    name: 'watching ends with its signal, and not before for a container that behaves',
    async run(scene) {
      const isolator = await scene.create();
      if (!isolator.watch) scene.skip('it does not watch');
      const id = container('c1');
      await prepare(scene, isolator, id);
      scene.given('a prepared container that breaks no limit');
      const abort = new AbortController();
      const watched = isolator.watch?.(id, abort.signal);
      watched?.catch(() => {});
      scene.when('it is watched for a moment');
      const early = await scene.settle(() =>
        Promise.race([
          Promise.resolve(watched).then(() => 'over'),
          new Promise((resolve) => setTimeout(() => resolve('still watching'), 30)),
        ]),
      );
      const isWatching = early.state === 'answered' && early.value === 'still watching';
      scene.expect('no limitation, and no failure', isWatching, early);
      scene.when('the signal says that nobody watches any more');
      abort.abort(new Error('nobody watches'));
      const after = await scene.settle(() => watched);
      scene.expect('the promise ends', after.state !== 'pending', 'it stays pending');
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
    },
  },
  {
    name: 'two containers do not meet',
    async run(scene) {
      const isolator = await scene.create();
      const [first, second] = [container('c1'), container('c2')];
      scene.given('two containers at once');
      await Promise.all([prepare(scene, isolator, first), prepare(scene, isolator, second)]);
      const isSeen = await observe(scene, isolator, 'usage', second);
      scene.when('one of them ends');
      await scene.answer('cleanup', () => isolator.cleanup?.(first));
      scene.when('one of them has ended and the other is looked at');
      const isStillSeen = await observe(scene, isolator, 'usage', second);
      scene.expect('an answer, as before', isStillSeen || !isSeen, 'a refusal');
      await scene.answer('cleanup', () => isolator.cleanup?.(second));
    },
  },
  {
    name: 'an unknown container is answered or refused, never waited for',
    async run(scene) {
      const isolator = await scene.create();
      const id = container('never-seen');
      scene.given('a container it never saw');
      scene.when('it is asked about it');
      await scene.end('usage', async () => (await isolator.usage?.(id)) ?? {});
      await scene.end('status', async () => (await isolator.status?.(id)) ?? {});
      await scene.end('update', () => isolator.update?.(id, resources, {}));
    },
  },
  {
    name: 'containers inside of others live and end by themselves',
    async run(scene) {
      const isolator = await scene.create();
      if (!isolator.supportsNesting) scene.skip('it is not asked about nested containers');
      const parent = container('root');
      const child = container('child', parent);
      scene.given('a container inside of another');
      await prepare(scene, isolator, parent);
      const isSeen = await observe(scene, isolator, 'usage', parent);
      const { containers } = scene.world.context;
      const kept = containers.get(parent);
      await prepare(scene, isolator, child);
      scene.when('the inner one ends');
      await scene.answer('cleanup', () => isolator.cleanup?.(child));
      const left = containers.get(parent);
      scene.expect("the outer one's checkpoint as it was", show(left) === show(kept), left);
      scene.when('the inner one ended and the outer one is looked at');
      const isStillSeen = await observe(scene, isolator, 'usage', parent);
      scene.expect('an answer, as before', isStillSeen || !isSeen, 'a refusal');
      await scene.answer('cleanup', () => isolator.cleanup?.(parent));
    },
  },
  {
    name: 'a container without a framework is prepared as well',
    async run(scene) {
      const isolator = await scene.create();
      if (!isolator.supportsStandalone) scene.skip('it is not asked about standalone containers');
      const id = container('standalone');
      scene.given('a container without executor and task');
      await prepare(scene, isolator, id, { executorInfo: undefined, taskInfo: undefined });
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
    },
  },
  {
    name: 'a container of a custom executor has no task and is prepared',
    async run(scene) {
      const isolator = await scene.create();
      const id = container('custom');
      scene.given('a container with an executor and no task');
      await prepare(scene, isolator, id, { executorInfo: executor, taskInfo: undefined });
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
    },
  },
];

export const isolatorSuite = suite(
  'Isolator',
  [],
  [...lifeCases, ...cleanupCases, ...recoveryCases, ...failureCases],
);
