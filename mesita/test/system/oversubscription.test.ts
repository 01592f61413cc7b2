// Lending and taking back, by modules that do as files say, seen from outside.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson } from '../harness/cluster.ts';
import { type Framework, scalar, subscribe } from '../harness/framework.ts';
import { waitFor } from '../harness/wait.ts';

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let borrower: Framework;
let other: Framework;

const modules = `
import { existsSync, readFileSync } from 'node:fs';
import { defineModule, param } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';

export const estimator = defineModule({
  kind: 'ResourceEstimator',
  name: 'FileEstimator',
  parameters: { file: param.path({ required: true }) },
  create: (_context, { file }) => ({
    initialize() {},
    oversubscribable() {
      const value = Number(readFileSync(file, 'utf8'));
      const cpus = { name: 'cpus', type: 'SCALAR', scalar: { value }, revocable: {} } as const;
      return Resources.of(value > 0 ? [cpus] : []);
    },
  }),
});

export const controller = defineModule({
  kind: 'QoSController',
  name: 'FileController',
  parameters: { file: param.path({ required: true }) },
  create({ clock }, { file }) {
    let usage;
    let isDone = false;
    return {
      initialize(ask) { usage = ask; },
      async corrections() {
        while (isDone || !existsSync(file)) await new Promise((r) => clock.setTimer(50, r));
        isDone = true;
        const { executors = [] } = await usage();
        return executors
          .filter(({ allocated, statistics }) => statistics && allocated?.some((it) => it.revocable))
          .map(({ executorInfo: { frameworkId, executorId }, containerId }) => ({
            type: 'KILL' as const,
            kill: { frameworkId, executorId, containerId },
          }));
      },
    };
  },
});
`;

const path = (name: string) => join(cluster.folder, name);

const revocable = (value: number) => ({
  resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value }, revocable: {} }],
});

/** Revocable cpus of the latest offer to a framework, if any was ever made. */
function offered({ events }: Framework): number[] {
  return events
    .flatMap((event) => event.offers?.offers ?? [])
    .flatMap(({ resources }) => resources)
    .filter((resource) => 'revocable' in resource)
    .map(({ scalar }) => scalar?.value ?? 0);
}

async function metric(name: string): Promise<number | undefined> {
  const daemon = name.startsWith('slave/') ? agent : master;
  const metrics = (await getJson(daemon.port, '/metrics/snapshot')) as Record<string, number>;
  return metrics[name];
}

beforeAll(async () => {
  cluster = createCluster();
  writeFileSync(path('modules.ts'), modules);
  writeFileSync(path('estimate'), '2');
  const module = (name: string, file: string) => ({
    name,
    parameters: [{ key: 'file', value: path(file) }],
  });
  const library = {
    file: path('modules.ts'),
    modules: [module('FileEstimator', 'estimate'), module('FileController', 'correct')],
  };
  writeFileSync(path('modules.json'), JSON.stringify({ libraries: [library] }));
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  agent = await cluster.startAgent(
    { master },
    `--modules=file://${path('modules.json')}`,
    '--resource_estimator=FileEstimator',
    '--qos_controller=FileController',
    '--oversubscribed_resources_interval=100ms',
  );
  borrower = await subscribe(master.port, {
    info: {
      name: 'borrower',
      capabilities: [
        { type: 'MULTI_ROLE' },
        { type: 'PARTITION_AWARE' },
        { type: 'REVOCABLE_RESOURCES' },
      ],
    },
  });
  other = await subscribe(master.port, { info: { name: 'other' } });
});
afterAll(() => cluster.stop());

test('§4.ResourceEstimator what the estimator lends is offered to those who take it, and to nobody else', async () => {
  const offer = await borrower.offer(undefined, 2);
  expect(offered(borrower)).toEqual([2]);
  const task = (id: string, cpus: number) => ({
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id,
    command: { value: 'sleep 1000' },
    ...revocable(cpus),
  });
  const executor = {
    type: 'DEFAULT',
    executor_id: { value: 'pod' },
    framework_id: { value: borrower.id },
    resources: [...revocable(0.1).resources, scalar('mem', 32), scalar('disk', 16)],
  };
  const operations = [
    { type: 'LAUNCH', launch: { task_infos: [task('lent', 1.5)] } },
    { type: 'LAUNCH_GROUP', launch_group: { executor, task_group: { tasks: [task('pod', 0.4)] } } },
  ];
  const filters = { refuse_seconds: 0 };
  const accept = { offer_ids: [offer.id], operations, filters };
  await borrower.call({ type: 'ACCEPT', accept });
  await borrower.status('lent', 'TASK_RUNNING');
  await borrower.status('pod', 'TASK_RUNNING');
  expect([
    await metric('master/cpus_revocable_used'),
    await metric('slave/cpus_revocable_used'),
    offered(other),
  ]).toEqual([2, 2, []]);
});

test('the master sums what is lent and what is lendable; less of it rescinds offers', async () => {
  const hasTotal = (total: number) => async () =>
    (await metric('master/cpus_revocable_total')) === total &&
    (await metric('slave/cpus_revocable_total')) === total;
  writeFileSync(path('estimate'), '3');
  await waitFor('a total of 5', hasTotal(5), { timeoutMs: 20_000 });
  await borrower.waitFor('an offer of what is left', () => offered(borrower).includes(3));
  writeFileSync(path('estimate'), '0');
  await waitFor('a total of 2', hasTotal(2), { timeoutMs: 20_000 });
  await borrower.waitFor('the offer to be rescinded', () =>
    borrower.events.some(({ type }) => type === 'RESCIND'),
  );
});

test('§4.QoSController the controller takes back what was lent, and nothing else', async () => {
  await other.launch({ id: 'firm', command: 'sleep 1000' });
  await other.status('firm', 'TASK_RUNNING');
  writeFileSync(path('correct'), '');
  for (const id of ['lent', 'pod']) {
    const { reason, message } = await borrower.status(id, 'TASK_GONE');
    expect({ reason, message: message?.split(';')[0] }).toEqual({
      reason: 'REASON_CONTAINER_PREEMPTED',
      message: 'Container preempted by QoS correction',
    });
    expect(borrower.states(id).at(-1)).toBe('TASK_GONE');
  }
  expect(other.states('firm').at(-1)).toBe('TASK_RUNNING');
  expect(await metric('slave/executors_preempted')).toBe(2);
  await waitFor(
    'nothing to be lent',
    async () => (await metric('master/cpus_revocable_total')) === 0,
    { timeoutMs: 20_000 },
  );
});
