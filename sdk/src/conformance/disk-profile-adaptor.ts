import { suite } from './common.ts';
import { freeze } from './freeze.ts';

const provider = freeze({ type: 'org.apache.mesos.rp.local.storage', name: 'provider-1' });

export const diskProfileAdaptorSuite = suite(
  'DiskProfileAdaptor',
  ['translate', 'watch'],
  [
    {
      name: 'an unknown profile is refused',
      async run(scene) {
        const adaptor = await scene.create();
        scene.when('a profile is translated that nobody knows');
        const outcome = await scene.end('translate', () =>
          adaptor.translate('no such profile', provider),
        );
        scene.expect('a rejection', outcome.state === 'failed', outcome);
      },
    },
    {
      name: 'a known profile is translated, and among those that watch tells',
      async run(scene) {
        const { profile } = scene.samples;
        if (profile === undefined) scene.skip('no profile is given that it knows');
        const adaptor = await scene.create();
        const known = profile as string;
        scene.when('its profile is translated');
        await scene.answer('translate', () => adaptor.translate(known, provider));
        const { signal } = new AbortController();
        scene.when('nothing is known yet and it is watched');
        const told = await scene.answer('watch', () => adaptor.watch(new Set(), provider, signal));
        scene.expect(`the profile '${known}'`, told.has(known), [...told]);
      },
    },
    {
      name: 'watching ends with its signal',
      async run(scene) {
        const adaptor = await scene.create();
        const abort = new AbortController();
        const watched = adaptor.watch(new Set(), provider, abort.signal);
        watched.catch(() => {});
        scene.when('nobody watches any more');
        abort.abort(new Error('nobody watches'));
        const outcome = await scene.settle(() => watched);
        scene.expect('watch ends', outcome.state !== 'pending', 'it stays pending');
      },
    },
  ],
);
