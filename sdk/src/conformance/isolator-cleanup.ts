import type { IsolatorContext } from '../module/index.ts';
import { type IsolatorScene, prepare } from './isolator-life.ts';
import { container } from './samples.ts';
import type { Case } from './suite.ts';

export const cleanupCases: readonly Case<'Isolator'>[] = [
  {
    name: 'cleanup may come twice',
    async run(scene) {
      const isolator = await scene.create();
      const id = container('c1');
      await prepare(scene, isolator, id);
      scene.given('a container that was prepared and cleaned up');
      scene.when('cleanup is called');
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
      scene.when('cleanup is called again');
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
    },
  },
  {
    name: 'cleanup may come twice at once',
    async run(scene) {
      const isolator = await scene.create();
      const id = container('c1');
      await prepare(scene, isolator, id);
      scene.given('a prepared container');
      scene.when('cleanup is called and called again before it has ended');
      await scene.answer('cleanup', () =>
        Promise.all([isolator.cleanup?.(id), isolator.cleanup?.(id)]).then(() => undefined),
      );
    },
  },
  {
    name: 'who still watches a container that is cleaned up hears of no limitation',
    async run(scene) {
      const isolator = await scene.create();
      if (!isolator.watch) scene.skip('it does not watch');
      const id = container('c1');
      await prepare(scene, isolator, id);
      scene.given('a container that is watched');
      const abort = new AbortController();
      const watched = Promise.resolve(isolator.watch?.(id, abort.signal)).then(
        (limitation) => limitation,
        () => undefined,
      );
      scene.when('it is cleaned up');
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
      abort.abort(new Error('the container ended'));
      const end = await scene.settle(() => watched);
      scene.expect('watch ends', end.state !== 'pending', 'it stays pending');
      const limitation = end.state === 'answered' ? end.value : undefined;
      scene.expect('no limitation', limitation === undefined, limitation);
    },
  },
  {
    name: 'cleanup may come for a container it never saw',
    async run(scene) {
      const isolator = await scene.create();
      scene.given('no container');
      scene.when('cleanup is called');
      await scene.answer('cleanup', () => isolator.cleanup?.(container('never-seen')));
    },
  },
  {
    name: 'cleanup may come after a prepare that failed, and the same name may come again',
    async run(scene) {
      const isolator = await scene.create();
      const id = container('c1');
      scene.given('a container whose launch failed');
      // A directory that is gone fails those that need one; the others just prepare it.
      const gone = { directory: `${scene.directory}/that/is/gone` };
      scene.when('it is prepared in a directory that is gone');
      await scene.end('prepare', () =>
        isolator.prepare?.(id, { ...gone, commandInfo: { value: 'true' } }),
      );
      scene.when('it is cleaned up');
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
      scene.given('a container whose first launch failed and was cleaned up');
      await prepare(scene, isolator, id);
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
    },
  },
  {
    name: 'a container is used no more after its cleanup',
    async run(scene) {
      const late = watchCheckpoints(scene);
      const isolator = await scene.create();
      const id = container('c1');
      await prepare(scene, isolator, id);
      scene.given('a container that was cleaned up');
      await scene.answer('cleanup', () => isolator.cleanup?.(id));
      late.begin();
      scene.when('time passes');
      await scene.settle(() => new Promise((resolve) => setTimeout(resolve, 20)));
      scene.expect('no checkpoint of it is written', late.names.length === 0, late.names);
    },
  },
];

/** Names of containers with checkpoints that are written after `begin`. */
function watchCheckpoints({ world }: IsolatorScene) {
  const names: string[] = [];
  let isLate = false;
  const containers: IsolatorContext['containers'] = world.context.containers;
  const { set } = containers;
  Object.assign(containers, {
    set: (...args: Parameters<typeof set>) => {
      if (isLate) names.push(args[0].value);
      return set(...args);
    },
  });
  return {
    names,
    begin() {
      isLate = true;
    },
  };
}
