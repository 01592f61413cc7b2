import { suite } from './common.ts';
import { freeze } from './freeze.ts';
import { master } from './samples.ts';

export const masterContenderSuite = suite(
  'MasterContender',
  ['initialize', 'contend'],
  [
    {
      name: 'a candidacy lasts until it is withdrawn',
      async run(scene) {
        const contender = await scene.create();
        scene.given('an initialized contender');
        await scene.answer('initialize', () => contender.initialize(freeze(master)));
        scene.when('it contends');
        const entered = await scene.settle(() => contender.contend());
        const candidacy = entered.state === 'answered' ? entered.value : undefined;
        scene.expect('a candidacy', typeof candidacy?.lost?.then === 'function', entered);
        candidacy?.lost.catch(() => {});
        const lost = await scene.settle(() =>
          Promise.race([
            candidacy?.lost.then(() => 'lost'),
            new Promise((resolve) => setTimeout(resolve, 30, 'kept')),
          ]),
        );
        scene.expect('it is kept', lost.state === 'answered' && lost.value === 'kept', lost);
        scene.when('it withdraws');
        await scene.answer('withdraw', () => contender.withdraw?.());
      },
    },
    {
      name: 'who contends again gives the earlier candidacy up',
      async run(scene) {
        const contender = await scene.create();
        await scene.answer('initialize', () => contender.initialize(freeze(master)));
        scene.given('a candidacy');
        const first = await scene.settle(() => contender.contend());
        scene.when('it contends again');
        const second = await scene.settle(() => contender.contend());
        scene.expect('a second candidacy', second.state === 'answered', second);
        if (first.state === 'answered') first.value.lost.catch(() => {});
        if (second.state === 'answered') second.value.lost.catch(() => {});
        await scene.answer('withdraw', () => contender.withdraw?.());
      },
    },
    {
      name: 'it may withdraw without having contended',
      async run(scene) {
        const contender = await scene.create();
        await scene.answer('initialize', () => contender.initialize(freeze(master)));
        scene.when('it withdraws');
        await scene.answer('withdraw', () => contender.withdraw?.());
      },
    },
  ],
);

export const masterDetectorSuite = suite(
  'MasterDetector',
  ['detect'],
  [
    {
      name: 'waiting for another leader ends with its signal',
      async run(scene) {
        const detector = await scene.create();
        const abort = new AbortController();
        scene.given('what leads now');
        const now = await scene.settle(() => detector.detect(undefined, abort.signal));
        const previous = now.state === 'answered' ? now.value : undefined;
        const waiting = detector.detect(previous, abort.signal);
        waiting.catch(() => {});
        scene.when('nobody waits any more');
        abort.abort(new Error('nobody waits'));
        const outcome = await scene.settle(() => waiting);
        scene.expect('detect ends', outcome.state !== 'pending', 'it stays pending');
      },
    },
    {
      name: 'it tells of another than was known',
      async run(scene) {
        const detector = await scene.create();
        const { signal } = new AbortController();
        scene.given('a leader that nobody was');
        scene.when('it is asked who leads instead');
        const known = freeze({ ...master, id: 'nobody', pid: 'master@127.0.0.1:1', port: 1 });
        const outcome = await scene.settle(() => detector.detect(known, signal));
        if (outcome.state !== 'answered') scene.skip('nobody leads, and it waits for somebody');
        if (outcome.state !== 'answered') return;
        const isOther = outcome.value?.id !== known.id;
        scene.expect('another leader, or none', isOther, outcome.value);
      },
    },
  ],
);
