import { startAllocator } from './allocator-stage.ts';
import { suite } from './common.ts';
import type { Case } from './suite.ts';

/** `cpus` that everybody was offered of this agent and holds still. */
const cases: readonly Case<'Allocator'>[] = [
  {
    name: 'a framework is offered what an agent has, allocated to its role, and not more',
    async run(scene) {
      const stage = await startAllocator(scene);
      scene.given('one framework');
      stage.addFramework('f1');
      scene.when('an agent with cpus:4;mem:1024 comes');
      stage.addAgent('a1');
      await stage.waitForOffer('f1');
      const [offer] = stage.offers;
      scene.expect('an offer for its role', offer?.role === 'f1-role', offer);
      const allocations = [...(offer?.resources.allocations().keys() ?? [])];
      scene.expect('allocated to f1-role', allocations.join() === 'f1-role', allocations);
      await stage.pass();
      scene.expect('cpus:4 at most', stage.offered('a1') <= 4, `cpus:${stage.offered('a1')}`);
    },
  },
  {
    name: 'nothing is offered twice while somebody holds it',
    async run(scene) {
      const stage = await startAllocator(scene);
      scene.given('three frameworks and two agents');
      for (const id of ['f1', 'f2', 'f3']) stage.addFramework(id);
      stage.addAgent('a1');
      stage.addAgent('a2');
      await stage.waitForOffer();
      scene.when('nobody answers');
      await stage.pass();
      for (const id of ['a1', 'a2']) {
        scene.expect(`cpus:4 of ${id} at most`, stage.offered(id) <= 4, stage.offered(id));
      }
    },
  },
  {
    name: 'what comes back is offered again',
    async run(scene) {
      const stage = await startAllocator(scene);
      stage.addFramework('f1');
      stage.addAgent('a1');
      await stage.waitForOffer('f1');
      scene.given('a framework that was offered an agent');
      scene.when('it declines for no time');
      stage.giveBack(0);
      await stage.waitForOffer('f1');
    },
  },
  {
    name: 'what was declined is not offered again before its time',
    async run(scene) {
      const stage = await startAllocator(scene);
      stage.addFramework('f1');
      stage.addAgent('a1');
      await stage.waitForOffer('f1');
      scene.given('a framework that was offered an agent');
      scene.when('it declines for a year');
      stage.giveBack(365 * 86_400);
      await stage.expectNoOffer();
    },
  },
  {
    name: 'who is gone, inactive or has enough is offered nothing',
    async run(scene) {
      const stage = await startAllocator(scene);
      scene.given('a framework that was added inactive');
      stage.addFramework('f1', false);
      scene.when('an agent comes');
      stage.addAgent('a1');
      await stage.expectNoOffer();
      scene.when('the framework is activated');
      stage.allocator.activateFramework(stage.framework('f1'));
      await stage.waitForOffer('f1');
      scene.when('it suppresses its role');
      stage.allocator.suppressOffers(stage.framework('f1'), new Set(['f1-role']));
      stage.giveBack(0);
      await stage.expectNoOffer();
      scene.when('it revives all of its roles');
      stage.allocator.reviveOffers(stage.framework('f1'), new Set());
      await stage.waitForOffer('f1');
      scene.when('it is removed');
      stage.giveBack(0);
      stage.allocator.removeFramework(stage.framework('f1'));
      await stage.expectNoOffer();
    },
  },
  {
    name: 'an agent that is deactivated, not on the whitelist or gone is not offered',
    async run(scene) {
      const stage = await startAllocator(scene);
      scene.given('a whitelist without the agent');
      stage.allocator.updateWhitelist(new Set(['another-host']));
      stage.addFramework('f1');
      stage.addAgent('a1');
      scene.when('time passes');
      await stage.expectNoOffer();
      scene.when('every host is allowed');
      stage.allocator.updateWhitelist(undefined);
      await stage.waitForOffer('f1');
      scene.when('it is deactivated');
      stage.allocator.deactivateAgent(stage.agent('a1'));
      stage.giveBack(0);
      await stage.expectNoOffer();
      scene.when('it is activated');
      stage.allocator.activateAgent(stage.agent('a1'));
      await stage.waitForOffer('f1');
      scene.when('it is removed');
      stage.giveBack(0);
      stage.allocator.removeAgent(stage.agent('a1'));
      await stage.expectNoOffer();
    },
  },
  {
    name: 'a pause stops offers until it ends',
    async run(scene) {
      const stage = await startAllocator(scene);
      scene.given('a paused allocator');
      stage.allocator.pause();
      stage.addFramework('f1');
      stage.addAgent('a1');
      scene.when('time passes');
      await stage.expectNoOffer();
      scene.when('it goes on');
      stage.allocator.resume();
      await stage.waitForOffer('f1');
    },
  },
  {
    name: 'queries are answered',
    async run(scene) {
      const stage = await startAllocator(scene);
      const { allocator } = stage;
      stage.addAgent('a1');
      scene.when('the master asks');
      await scene.answer('inverseOfferStatuses', () => allocator.inverseOfferStatuses());
      await scene.answer('updateAvailable', () => allocator.updateAvailable(stage.agent('a1'), []));
      if (allocator.metrics) await scene.answer('metrics', () => allocator.metrics?.());
      await scene.end('explain', () => allocator.explain?.(stage.framework('unknown')));
    },
  },
];

const required = [
  ...['initialize', 'recover', 'addFramework', 'removeFramework', 'activateFramework'],
  ...['deactivateFramework', 'updateFramework', 'addAgent', 'removeAgent', 'updateAgent'],
  ...['addResourceProvider', 'activateAgent', 'deactivateAgent', 'updateWhitelist'],
  ...['requestResources', 'updateAllocation', 'updateAvailable', 'updateUnavailability'],
  ...['updateInverseOffer', 'inverseOfferStatuses', 'transitionOfferedToAllocated'],
  ...['recoverResources', 'suppressOffers', 'reviveOffers', 'updateQuota', 'updateWeights'],
  ...['pause', 'resume'],
] as const;

export const allocatorSuite = suite('Allocator', required, cases);
