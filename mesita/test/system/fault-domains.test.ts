// Agents of another region are offered to frameworks that know of regions, and to no others.
import { afterEach, expect, test } from 'vitest';
import { type Cluster, createCluster, getJson } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';

let cluster: Cluster;
const frameworks: Framework[] = [];
afterEach(async () => {
  for (const framework of frameworks.splice(0)) framework.close();
  await cluster.stop();
});

const domain = (region: string) =>
  `--domain=${JSON.stringify({ fault_domain: { region: { name: region }, zone: { name: 'z' } } })}`;

test('a framework that knows of regions gets the agent far away, the other does not', async () => {
  cluster = createCluster();
  const master = await cluster.startMaster('--allocation_interval=100ms', domain('here'));
  const near = await cluster.startAgent({ master, name: 'near' }, domain('here'));
  const far = await cluster.startAgent({ master, name: 'far' }, domain('there'));
  const { slaves } = (await getJson(master.port, '/slaves')) as {
    slaves: { id: string; port: number; domain: { fault_domain: { region: { name: string } } } }[];
  };
  const idOf = (port: number) => slaves.find((slave) => slave.port === port)?.id;
  expect(slaves.map((slave) => slave.domain.fault_domain.region.name).sort()).toEqual([
    'here',
    'there',
  ]);

  const local = await subscribe(master.port, { info: { name: 'local' } });
  frameworks.push(local);
  const { agent_id } = await local.offer();
  expect(agent_id.value).toBe(idOf(near.port));

  const capabilities = [{ type: 'MULTI_ROLE' }, { type: 'REGION_AWARE' }];
  const aware = await subscribe(master.port, { info: { name: 'aware', capabilities } });
  frameworks.push(aware);
  await aware.offer(idOf(far.port));
  const offered = local.events.flatMap(({ offers }) => offers?.offers ?? []);
  expect(offered.map((offer) => offer.agent_id.value)).not.toContain(idOf(far.port));
});
