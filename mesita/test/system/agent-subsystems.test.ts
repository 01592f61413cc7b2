// An agent in groups of its own, beside those of its containers.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultLauncher } from '../../src/containerizer/launchers.ts';
import { readHierarchies } from '../../src/linux/cgroups/hierarchies.ts';
import { agentApi } from '../harness/agent-api.ts';
import { type Cluster, createCluster, type Daemon, waitFor } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';

const base = '/sys/fs/cgroup';
const isRoot = defaultLauncher({}) === 'linux';
const isV1 = isRoot && readHierarchies(base).version === 1;

let cluster: Cluster;
let master: Daemon;
let framework: Framework;
let root: string;

beforeEach(async () => {
  root = `mesita-test-${randomUUID().slice(0, 8)}`;
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  framework = await subscribe(master.port);
});

afterEach(async () => {
  framework.close();
  await cluster.stop();
  for (const hierarchy of readdirSync(base)) {
    for (const below of ['slave', 'agent/leaf', 'agent', '.']) {
      const group = join(base, hierarchy, root, below);
      if (existsSync(group)) rmdirSync(group);
    }
  }
});

const flags = (subsystems: string): string[] => [
  '--launcher=linux',
  `--cgroups_root=${root}`,
  `--agent_subsystems=${subsystems}`,
];

/** Controller → group, of a process. */
function groupsOf(pid: number | undefined): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(':').slice(1) as [string, string]));
}

interface Pids {
  readonly process: number;
  readonly supervisor: number;
  readonly container: string;
}

async function launch(agent: Daemon, id: string): Promise<Pids> {
  await framework.launch({ id, command: 'sleep 1113' });
  await framework.status(id, 'TASK_RUNNING');
  const { json } = await agentApi(agent.port)('GET_CONTAINERS');
  const [{ container_id, container_status }] = json.get_containers.containers;
  const pid = container_status.executor_pid as number;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ');
  return { process: pid, supervisor: Number(stat?.[1]), container: container_id.value };
}

async function end(id: string): Promise<void> {
  await framework.call({ type: 'KILL', kill: { task_id: { value: id } } });
  await framework.status(id, 'TASK_KILLED');
  const groups = () => readdirSync(base).map((name) => join(base, name, root));
  const directories = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  await waitFor('the containers to be gone', () =>
    groups().every((path) => !existsSync(path) || directories(path).every((n) => n === 'slave')),
  );
}

describe.runIf(isV1)('--agent_subsystems', () => {
  test('puts the agent aside from its containers, before and after a restart', async () => {
    const own = [...flags('cpu,cpuset,freezer'), '--isolation=cgroups/cpu'];
    let agent = await cluster.startAgent({ master }, ...own);
    const aside = { cpu: `/${root}/slave`, cpuset: `/${root}/slave`, freezer: `/${root}/slave` };
    const task = await launch(agent, 'task');
    const inside = `/${root}/${task.container}`;
    expect([agent.process.pid, task.supervisor].map(groupsOf)).toMatchObject([
      { ...aside, cpuacct: '/' },
      aside,
    ]);
    // Who has no group of its own for a controller stays where the agent is.
    expect(groupsOf(task.process)).toMatchObject({ ...aside, cpu: inside, freezer: inside });

    await agent.kill('SIGKILL');
    agent = await cluster.startAgent({ master, port: agent.port }, ...own);
    await agent.says(`processes=${JSON.stringify(`${task.supervisor} mesita-superv`)}`);
    expect(groupsOf(agent.process.pid)).toMatchObject(aside);
    expect(framework.states('task')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
    await end('task');
  });

  test('lets a second agent in, which tells of the first', async () => {
    const first = await cluster.startAgent({ master }, ...flags('memory'));
    const second = await cluster.startAgent({ master, name: 'other' }, ...flags('memory'));
    await second.says('an agent, or what it started, is still running');
    expect(second.output()).toContain(`${first.process.pid} `);
    const group = { memory: `/${root}/slave` };
    expect([first, second].map(({ process }) => groupsOf(process.pid))).toMatchObject([
      group,
      group,
    ]);
  });

  test('keeps its name from containers', async () => {
    const agent = await cluster.startAgent({ master }, ...flags('freezer'));
    const { status, text } = await agentApi(agent.port)('LAUNCH_CONTAINER', {
      container_id: { value: 'slave' },
      command: { value: 'sleep 1114' },
      resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }],
    });
    expect({ status, text }).toEqual({
      status: 400,
      text: expect.stringContaining("'slave' is the name of the agent's own cgroup"),
    });
    expect(groupsOf(agent.process.pid)).toMatchObject({ freezer: `/${root}/slave` });
  });

  test('refuses what the kernel does not have', async () => {
    const agent = await cluster.spawnAgent({ master }, ...flags('memory,nosuch'));
    expect(await agent.exited).toBe(1);
    expect(agent.output()).toContain(
      `Failed to prepare cgroup ${root} for subsystem nosuch: Failed to mount cgroups hierarchy at '${base}/nosuch': 'nosuch' not found`,
    );
  });
});

const unified = isV1 ? join(base, 'unified') : base;

test.runIf(isRoot && readHierarchies(unified).version === 2)(
  'on cgroups v2 --agent_subsystems gives the agent one group',
  async () => {
    const own = [...flags(''), `--cgroups_hierarchy=${unified}`];
    const agent = await cluster.startAgent({ master }, ...own);
    expect(groupsOf(agent.process.pid)).toMatchObject({ '': `/${root}/agent/leaf` });
    const task = await launch(agent, 'task');
    expect(groupsOf(task.process)).toMatchObject({ '': `/${root}/${task.container}/leaf` });
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'task' } } });
    await framework.status('task', 'TASK_KILLED');
    await waitFor('its group to be gone', () => !existsSync(join(unified, root, task.container)));
  },
);
