import type { AgentId, FrameworkId } from '../base/index.ts';
import type { OrderedAgent, QuotaRole, SorterClient } from '../module/index.ts';
import { ResourceLimits, ResourceQuantities, Resources } from '../resources/index.ts';
import { suite } from './common.ts';
import { agent, framework } from './samples.ts';
import type { Scene } from './scene.ts';

type Part = 'AgentOrder' | 'AllocatorSorter' | 'OfferFilter' | 'QuotaPolicy';

/** Parts are asked within a run: the answer is there at once. */
async function atOnce<T>(scene: Scene<Part>, method: string, call: () => T): Promise<T> {
  let isPromise = false;
  const answer = await scene.answer(method, () => {
    const value = call();
    isPromise = typeof (value as { then?: unknown } | undefined)?.then === 'function';
    return value;
  });
  scene.expect('an answer at once', !isPromise, 'a promise');
  return answer;
}

function expectOrder(scene: Scene<Part>, given: readonly string[], got: readonly string[]): void {
  const strangers = got.filter((name) => !given.includes(name));
  scene.expect('none but those that were given', strangers.length === 0, strangers);
  scene.expect('everyone at most once', new Set(got).size === got.length, got);
}

const total = Resources.of(agent.resources ?? []);
const half = Resources.of([{ name: 'cpus', type: 'SCALAR', scalar: { value: 2 } }]);

function clients(paths: readonly string[]): readonly SorterClient[] {
  return paths.map((path, i) => ({
    path,
    weight: i + 1,
    allocation: i % 2 === 0 ? ResourceQuantities.empty : half.quantities(),
    allocations: i,
  }));
}

const numbers = [0, 1, 2, 20];

export const allocatorSorterSuite = suite(
  'AllocatorSorter',
  ['sort'],
  [
    {
      name: 'of many, few and none it gives those that were given',
      async run(scene) {
        const sorter = await scene.create();
        for (const count of numbers) {
          scene.when(`${count} siblings are sorted`);
          const paths = Array.from({ length: count }, (_, i) => `role-${i}/nested`);
          const siblings = Object.freeze(clients(paths)) as readonly SorterClient[];
          for (const totals of [total.quantities(), ResourceQuantities.empty]) {
            expectOrder(
              scene,
              paths,
              await atOnce(scene, 'sort', () => sorter.sort(siblings, totals)),
            );
          }
        }
      },
    },
  ],
);

export const agentOrderSuite = suite(
  'AgentOrder',
  ['order'],
  [
    {
      name: 'of many, few and none it gives those that were given',
      async run(scene) {
        const order = await scene.create();
        for (const count of numbers) {
          scene.when(`${count} agents are put in order`);
          const agents: readonly OrderedAgent[] = Array.from({ length: count }, (_, i) => ({
            ...{ id: `agent-${i}` as AgentId, info: agent, total },
            available: i % 2 === 0 ? half : Resources.empty,
          }));
          const ids = agents.map(({ id }) => id);
          expectOrder(
            scene,
            ids,
            await atOnce(scene, 'order', () => order.order(Object.freeze(agents))),
          );
        }
      },
    },
  ],
);

export const offerFilterSuite = suite(
  'OfferFilter',
  ['refuse'],
  [
    {
      name: 'it lets pass, or says why not; the same each time',
      async run(scene) {
        const filter = await scene.create();
        for (const role of ['*', 'role-1', 'role-1/nested'])
          for (const resources of [total, half, Resources.empty])
            for (const agentInfo of [agent, { hostname: 'bare' }]) {
              scene.when(
                `${resources.toString() || 'nothing'} of ${agentInfo.hostname} is offered`,
              );
              const candidate = Object.freeze({
                ...{ agent: 'agent-1' as AgentId, agentInfo, role, resources },
                ...{ framework: 'framework-1' as FrameworkId, frameworkInfo: framework },
              });
              const first = await atOnce(scene, 'refuse', () => filter.refuse(candidate));
              scene.expect('undefined or a reason', first !== '', first);
              const again = await atOnce(scene, 'refuse', () => filter.refuse(candidate));
              scene.expect(
                `the same answer: ${first}`,
                (first === undefined) === (again === undefined),
                again,
              );
            }
      },
    },
  ],
);

const noQuota: QuotaRole = {
  path: 'role-1',
  parent: undefined,
  quota: undefined,
  consumed: () => 1000,
};
const limited: QuotaRole = {
  path: 'role-2',
  parent: undefined,
  quota: {
    guarantees: ResourceQuantities.empty,
    limits: ResourceLimits.fromScalars({ cpus: { value: 2 } }),
  },
  consumed: (name) => (name === 'cpus' ? 1500 : 0),
};
const nested: QuotaRole = { ...noQuota, path: 'role-2/nested', parent: limited };

export const quotaPolicySuite = suite(
  'QuotaPolicy',
  ['left'],
  [
    {
      name: 'what is left is a number, whatever the role and the resource',
      async run(scene) {
        const policy = await scene.create();
        for (const role of [noQuota, limited, nested])
          for (const name of ['cpus', 'mem', 'something-else']) {
            scene.when(`${role.path} is offered ${name}`);
            await atOnce(scene, 'left', () => policy.left(role, name));
          }
      },
    },
  ],
);
