import { isolate, observe, prepare, stateOf } from './isolator-life.ts';
import { container } from './samples.ts';
import type { Case } from './suite.ts';

export const recoveryCases: readonly Case<'Isolator'>[] = [
  {
    name: 'a first start recovers nothing',
    async run(scene) {
      const isolator = await scene.create();
      scene.given('an agent without a past');
      scene.when('recover is called with no container');
      await scene.answer('recover', () => isolator.recover?.([], []));
    },
  },
  {
    name: 'after a restart known containers go on and orphans are cleaned up',
    async run(scene) {
      const before = await scene.create();
      const [known, orphan] = [container('known'), container('orphan')];
      await prepare(scene, before, known);
      await prepare(scene, before, orphan);
      if (scene.samples.pid !== undefined) await isolate(scene, before, known);
      const isSeen = await observe(scene, before, 'usage', known);
      scene.given('two containers of an agent that was restarted');
      const after = await scene.create();
      scene.when('recover names one of them and an orphan');
      await scene.answer('recover', () => after.recover?.([stateOf(scene, known)], [orphan]));
      scene.when('the orphan is cleaned up');
      await scene.answer('cleanup', () => after.cleanup?.(orphan));
      scene.when('the known one is looked at');
      const isStillSeen = await observe(scene, after, 'usage', known);
      scene.expect('an answer, as before', isStillSeen || !isSeen, 'a refusal');
      scene.when('the known one ends');
      await scene.answer('cleanup', () => after.cleanup?.(known));
    },
  },
  {
    name: 'containers of which it knows nothing are recovered too',
    async run(scene) {
      const isolator = await scene.create();
      const [known, orphan] = [container('known'), container('orphan')];
      scene.given('an agent that ran these containers before it had this isolator');
      scene.when('recover names a container and an orphan it never saw');
      await scene.answer('recover', () => isolator.recover?.([stateOf(scene, known)], [orphan]));
      scene.when('the orphan is cleaned up, then the other');
      await scene.answer('cleanup', () => isolator.cleanup?.(orphan));
      await scene.answer('cleanup', () => isolator.cleanup?.(known));
    },
  },
  {
    name: 'containers inside of others are recovered with them',
    async run(scene) {
      const before = await scene.create();
      if (!before.supportsNesting) scene.skip('it is not asked about nested containers');
      const parent = container('root');
      const child = container('child', parent);
      const orphan = container('orphan', parent);
      for (const id of [parent, child, orphan]) await prepare(scene, before, id);
      scene.given('a container with two inside of it, of an agent that was restarted');
      const after = await scene.create();
      scene.when('recover names the outer and one of the inner ones, and the other as orphan');
      const states = [parent, child].map((id) => stateOf(scene, id));
      await scene.answer('recover', () => after.recover?.(states, [orphan]));
      scene.when('they end from the inside out');
      for (const id of [orphan, child, parent]) {
        await scene.answer('cleanup', () => after.cleanup?.(id));
      }
    },
  },
  {
    name: 'a recovered container is watched until its signal ends',
    async run(scene) {
      const before = await scene.create();
      if (!before.watch) scene.skip('it does not watch');
      const id = container('c1');
      await prepare(scene, before, id);
      scene.given('a container of an agent that was restarted');
      const after = await scene.create();
      await scene.answer('recover', () => after.recover?.([stateOf(scene, id)], []));
      const abort = new AbortController();
      const watched = after.watch?.(id, abort.signal);
      watched?.catch(() => {});
      scene.when('the signal says that nobody watches any more');
      abort.abort(new Error('nobody watches'));
      const end = await scene.settle(() => watched);
      scene.expect('watch ends', end.state !== 'pending', 'it stays pending');
      await scene.answer('cleanup', () => after.cleanup?.(id));
    },
  },
];
