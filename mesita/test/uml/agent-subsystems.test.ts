import { existsSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { agentApi } from '../harness/agent-api.ts';
import { type Daemon, directories, freePort, spawnDaemon, waitFor } from '../harness/cluster.ts';

// A whole agent on cgroups v2 alone, aside from containers that have limits.

const hierarchy = '/sys/fs/cgroup';
const root = 'mesita-test-aside';
const folder = '/tmp/mesita-test-aside';
let agent: Daemon | undefined;

afterEach(async () => {
  await agent?.kill();
  for (const group of ['agent/leaf', 'agent', '.']) rmdirSync(join(hierarchy, root, group));
  rmSync(folder, { recursive: true });
});

const groupOf = (pid: number | undefined): string => readFileSync(`/proc/${pid}/cgroup`, 'utf8');

test('--agent_subsystems enables controllers, and containers are limited beside the agent', async () => {
  const port = await freePort();
  const call = agentApi(port);
  agent = spawnDaemon('mesos-agent', port, [
    ...['--ip=127.0.0.1', `--port=${port}`, '--hostname=localhost', '--master=127.0.0.1:1'],
    ...directories(folder).filter((flag) => !flag.startsWith('--launcher=')),
    ...['--launcher=linux', '--isolation=cgroups/cpu,cgroups/mem'],
    ...[`--cgroups_root=${root}`, '--agent_subsystems=cpu,memory'],
  ]);
  const isUp = () =>
    call('GET_CONTAINERS').then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitFor('the agent to be up', isUp, agent, 100_000);
  expect(groupOf(agent.process.pid)).toBe(`0::/${root}/agent/leaf\n`);
  const enabled = readFileSync(join(hierarchy, 'cgroup.subtree_control'), 'utf8');
  expect(enabled.trim().split(' ')).toEqual(expect.arrayContaining(['cpu', 'memory']));

  const launched = await call('LAUNCH_CONTAINER', {
    container_id: { value: 'beside' },
    command: { value: 'sleep 1115' },
    resources: ['cpus:0.1', 'mem:32'].map((each) => {
      const [name, value] = each.split(':');
      return { name, type: 'SCALAR', scalar: { value: Number(value) } };
    }),
  });
  expect(launched).toMatchObject({ status: 200 });
  const { json } = await call('GET_CONTAINERS', { show_standalone: true });
  const { executor_pid: pid } = json.get_containers.containers[0].container_status;
  expect(groupOf(pid)).toBe(`0::/${root}/beside/leaf\n`);
  expect(readFileSync(join(hierarchy, root, 'beside/memory.max'), 'utf8')).toBe(`${32 << 20}\n`);
  await call('KILL_CONTAINER', { container_id: { value: 'beside' } });
  await waitFor('its group to be gone', () => !existsSync(join(hierarchy, root, 'beside')));
});
