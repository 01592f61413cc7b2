import { suite } from './common.ts';

export const anonymousSuite = suite(
  'Anonymous',
  [],
  [
    {
      name: 'it ends with the daemon',
      async run(scene) {
        const instance = await scene.create();
        scene.when('the daemon ends');
        scene.world.shutDown();
        await scene.answer('stop', () => instance.stop?.());
      },
    },
    {
      name: 'it may end before anything happened to it',
      async run(scene) {
        const instance = await scene.create();
        scene.when('it is stopped at once');
        await scene.answer('stop', () => instance.stop?.());
      },
    },
    {
      name: 'its routes answer',
      async run(scene) {
        const { routes = [] } = scene.samples;
        if (routes.length === 0) scene.skip('no routes are named');
        await scene.create();
        for (const route of routes) {
          scene.when(`GET ${route} is asked`);
          const answer = await scene.answer(route, () => scene.world.request(route));
          const { status = 200 } = answer;
          scene.expect('a status from 100 to 499', status >= 100 && status < 500, answer);
          scene.expect('a known route', status !== 404, answer);
        }
      },
    },
  ],
);
