import type { Usage } from '../module/index.ts';
import { suite } from './common.ts';
import { freeze } from './freeze.ts';
import type { ResourceUsage } from './messages.ts';
import { agent, container, executor } from './samples.ts';
import type { Scene } from './scene.ts';
import type { Case } from './suite.ts';

const busy: ResourceUsage = freeze({
  total: agent.resources,
  executors: [
    {
      executorInfo: { ...executor, resources: agent.resources },
      allocated: agent.resources,
      containerId: container('c1'),
      statistics: { timestamp: 1, cpusLimit: 4, cpusUserTimeSecs: 1, memRssBytes: 1 << 20 },
    },
  ],
});
const idle: ResourceUsage = freeze({ total: agent.resources });

const usages: readonly (readonly [name: string, usage: Usage])[] = [
  ['an idle agent', async () => idle],
  ['a busy agent', async () => busy],
  ['an agent that says nothing of itself', async () => ({})],
];
const broken: Usage = async () => {
  throw new Error('no usage now');
};

type Initialized = { initialize(usage: Usage): void | Promise<void> };

async function start<T extends Initialized>(
  scene: Scene<'ResourceEstimator'> | Scene<'QoSController'>,
  instance: T,
  usage: Usage,
): Promise<T> {
  scene.when('initialize is called');
  await scene.answer('initialize', () => instance.initialize(usage));
  return instance;
}

const estimatorCases: readonly Case<'ResourceEstimator'>[] = [
  {
    name: 'what it lends can be taken back',
    async run(scene) {
      for (const [name, usage] of usages) {
        scene.given(name);
        const estimator = await start(scene, await scene.create(), usage);
        for (const time of ['first', 'second']) {
          scene.when(`oversubscribable is asked for the ${time} time`);
          const outcome = await scene.settle(async () => estimator.oversubscribable());
          // With nothing to go by, a refusal is as good.
          if (outcome.state === 'failed' && name.includes('nothing')) continue;
          const lent = await scene.answer('oversubscribable', () => estimator.oversubscribable());
          const firm = lent.nonRevocable();
          scene.expect('revocable resources only', firm.isEmpty, firm.toString());
        }
      }
    },
  },
  {
    name: 'an agent that cannot tell its usage is no reason to hang',
    async run(scene) {
      scene.given('a usage that is not to be had');
      const estimator = await scene.create();
      await scene.end('initialize', () => estimator.initialize(broken));
      scene.when('oversubscribable is asked');
      await scene.end('oversubscribable', () => estimator.oversubscribable());
    },
  },
];

export const resourceEstimatorSuite = suite(
  'ResourceEstimator',
  ['initialize', 'oversubscribable'],
  estimatorCases,
);

export const qosControllerSuite = suite(
  'QoSController',
  ['initialize', 'corrections'],
  [
    {
      name: 'what it corrects is named',
      async run(scene) {
        let answers = 0;
        for (const [name, usage] of usages) {
          scene.given(name);
          const controller = await start(scene, await scene.create(), usage);
          scene.when('corrections are waited for');
          const outcome = await scene.settle(() => controller.corrections());
          if (outcome.state !== 'answered') continue;
          answers++;
          const corrections = await scene.answer('corrections', () => outcome.value);
          for (const { type, kill } of corrections) {
            scene.expect('KILL', type === 'KILL', type);
            const isNamed = kill?.executorId !== undefined && kill.frameworkId !== undefined;
            scene.expect('the framework and the executor to kill', isNamed, kill);
          }
        }
        if (answers === 0) scene.skip('it corrects nothing on these agents');
      },
    },
    {
      name: 'an agent that cannot tell its usage is no reason to fall',
      async run(scene) {
        scene.given('a usage that is not to be had');
        const controller = await scene.create();
        await scene.end('initialize', () => controller.initialize(broken));
        scene.when('corrections are waited for');
        await scene.settle(() => controller.corrections());
        scene.when('corrections are waited for again');
        await scene.settle(() => controller.corrections());
      },
    },
  ],
);
