// An agent of root with everything that Linux offers, from the framework's side.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { defaultLauncher } from '../../src/containerizer/launchers.ts';
import { readHierarchies } from '../../src/linux/cgroups/hierarchies.ts';
import {
  type Cluster,
  createCluster,
  type Daemon,
  directories,
  getJson,
  spawnDaemon,
  waitFor,
} from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';
import { mountsBelow } from '../harness/mounts.ts';
import { sandboxPath, waitForFile } from '../harness/sandbox.ts';

const canRun =
  defaultLauncher({}) === 'linux' &&
  ['cpu', 'memory'].every((name) => readHierarchies('/sys/fs/cgroup').find(name));
// Version 1 has one for each controller, version 2 only the place itself.
const hierarchies = canRun ? ['', ...readdirSync('/sys/fs/cgroup')] : [];

const nobody = 65_534;

let cluster: Cluster | undefined;
let master: Daemon;
let agent: Daemon;
let framework: Framework;
let cgroupsRoot: string;

const flags = () => [
  '--launcher=linux',
  '--isolation=filesystem/linux,namespaces/pid,namespaces/ipc,cgroups/cpu,cgroups/mem,linux/nnp',
  `--cgroups_root=${cgroupsRoot}`,
];

async function start(): Promise<void> {
  cgroupsRoot = `mesita-test-${randomUUID().slice(0, 8)}`;
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  agent = await cluster.startAgent({ master }, ...flags());
  framework = await subscribe(master.port);
}

/** Of the test's own groups: each ends with its container, these are the agent's for good. */
const groups = (): string[] =>
  hierarchies
    .map((name) => join('/sys/fs/cgroup', name, cgroupsRoot))
    .filter((path) => existsSync(path));

afterEach(async () => {
  framework?.close();
  await cluster?.stop();
  for (const path of groups()) rmdirSync(path);
});

const containersIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'agent')
    .map((entry) => join(path, entry.name));

interface AgentState {
  readonly id: string;
  readonly flags: { readonly work_dir: string };
}

async function sandboxOf(executor: string): Promise<string> {
  const { id, flags } = (await getJson(agent.port, '/state')) as AgentState;
  const path = join(flags.work_dir, 'slaves', id, 'frameworks', framework.id);
  return join(path, 'executors', executor, 'runs/latest');
}

const scalar = (name: string, value: number) => ({ name, type: 'SCALAR', scalar: { value } });

interface PodTask {
  readonly id: string;
  readonly command: string;
  readonly resources?: readonly object[];
  readonly volumes?: readonly object[];
}

/** One in which there is something of that name. */
async function offerOf(name: string): ReturnType<Framework['offer']> {
  for (;;) {
    const offer = await framework.offer();
    if (JSON.stringify(offer).includes(`"${name}"`)) return offer;
    const decline = { offer_ids: [offer.id], filters: { refuse_seconds: 0 } };
    await framework.call({ type: 'DECLINE', decline });
  }
}

/** Each pod is an executor of its own; `before` are operations on the same offer. */
async function launchPod(
  name: string,
  tasks: readonly PodTask[],
  before: readonly object[] = [],
  offered = 'disk',
): Promise<void> {
  const offer = await offerOf(offered);
  const executor = {
    type: 'DEFAULT',
    executor_id: { value: name },
    framework_id: { value: framework.id },
    resources: [scalar('cpus', 0.1), scalar('mem', 32), scalar('disk', 16)],
  };
  const infos = tasks.map(({ id, command, resources = [], volumes = [] }) => ({
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id,
    command: { value: command },
    container: { type: 'MESOS', volumes },
    resources: [scalar('cpus', 0.1), scalar('mem', 32), ...resources],
  }));
  const launch_group = { executor, task_group: { tasks: infos } };
  const operations = [...before, { type: 'LAUNCH_GROUP', launch_group }];
  await framework.call({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations } });
}

/** What both see in the executor's sandbox. */
const shared = {
  container_path: 'shared',
  mode: 'RW',
  source: { type: 'SANDBOX_PATH', sandbox_path: { type: 'PARENT', path: 'common' } },
};
const readShared = 'while [ ! -s shared/file ]; do sleep 0.05; done; cat shared/file; sleep 1301';

const look = [
  'ls /proc | grep -c "^[0-9]"',
  'grep NoNewPrivs /proc/self/status',
  'echo $$ >pid',
  'echo >looked',
  'while [ ! -e go ]; do sleep 0.05; done; exit 7',
].join('; ');

test.runIf(canRun)(
  'tasks and pods run isolated, outlive their agent, and leave nothing',
  async () => {
    await start();
    await framework.launch({ id: 'task', command: look, mem: 64 });
    await launchPod('pod', [
      { id: 'writer', command: 'echo hello >shared/file; sleep 1300', volumes: [shared] },
      { id: 'reader', command: readShared, volumes: [shared] },
    ]);
    for (const id of ['task', 'writer', 'reader']) await framework.status(id, 'TASK_RUNNING');
    const sandbox = realpathSync(await sandboxOf('task'));
    await waitFor('the task to have looked', () => existsSync(join(sandbox, 'looked')));
    const [count, privileges] = readFileSync(join(sandbox, 'stdout'), 'utf8').split('\n');
    // Its own few processes, and not the machine's.
    expect({ isFew: Number(count) < 6, privileges }).toEqual({
      isFew: true,
      privileges: 'NoNewPrivs:\t1',
    });
    const { tasks } = (await getJson(master.port, '/tasks')) as {
      tasks: {
        id: string;
        statuses: { container_status: { container_id: { value: string } } }[];
      }[];
    };
    const reader = tasks.find(({ id }) => id === 'reader')?.statuses.at(-1)?.container_status;
    const inner = `containers/${reader?.container_id.value}/stdout`;
    await waitForFile(agent.port, sandboxPath(framework.id, 'pod', inner), 'hello\n');

    await agent.kill('SIGKILL');
    agent = (await cluster?.startAgent({ master, port: agent.port }, ...flags())) ?? agent;
    expect(framework.states('task')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
    expect(framework.states('reader')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
    writeFileSync(join(sandbox, 'go'), '');
    const { message } = await framework.status('task', 'TASK_FAILED');
    expect(message).toBe('Command exited with status 7');
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'reader' } } });
    await framework.status('reader', 'TASK_KILLED');
    await framework.status('writer', 'TASK_KILLED');

    const folder = realpathSync(cluster?.folder ?? '');
    await waitFor('the containers to be gone', () =>
      groups().every((p) => !containersIn(p).length),
    );
    expect(mountsBelow(folder)).toEqual([join(folder, 'agent/work')]);
    expect(processesIn(folder)).toEqual([]);
  },
);

test.runIf(canRun)('a persistent volume goes from one pod to the next', async () => {
  await start();
  const reserved = {
    ...scalar('disk', 32),
    reservations: [{ type: 'DYNAMIC', role: 'store', principal: 'test' }],
  };
  const volume = {
    ...reserved,
    disk: {
      persistence: { id: 'data', principal: 'test' },
      volume: { mode: 'RW', container_path: 'data' },
    },
  };
  framework.close();
  framework = await subscribe(master.port, { info: { roles: ['store'], principal: 'test' } });
  await launchPod(
    'first',
    [{ id: 'put', command: 'echo kept >data/file', resources: [volume] }],
    [
      { type: 'RESERVE', reserve: { resources: [reserved] } },
      { type: 'CREATE', create: { volumes: [volume] } },
    ],
  );
  await framework.status('put', 'TASK_FINISHED');
  const get = { id: 'get', command: 'cat data/file', resources: [volume] };
  await launchPod('second', [get], [], 'persistence');
  await framework.status('get', 'TASK_FINISHED');
  await waitFor('the containers to be gone', () => groups().every((p) => !containersIn(p).length));
  const work = join(realpathSync(cluster?.folder ?? ''), 'agent/work');
  await waitFor('the volume to be unmounted', () => mountsBelow(work).length === 1);
  expect(readFileSync(join(work, 'volumes/roles/store/data/file'), 'utf8')).toBe('kept\n');
});

test.runIf(canRun)('what a task asks for in vain is told, and leaves nothing', async () => {
  await start();
  const bad = (volume: object) => ({ container: { type: 'MESOS', volumes: [volume] } });
  await framework.launch({
    id: 'outside',
    command: 'true',
    more: bad({ container_path: '../up', host_path: '/etc', mode: 'RO' }),
  });
  const lost = await framework.anyStatus('outside');
  expect(lost.state).toBe('TASK_FAILED');
  expect(lost.message).toContain('leads out of the sandbox');
  await framework.launch({
    id: 'nobody',
    command: 'true',
    more: { command: { value: 'true', user: 'no-such-user' } },
  });
  const unknown = await framework.anyStatus('nobody');
  expect(unknown.message).toContain("No such user 'no-such-user'");
  await waitFor('the containers to be gone', () => groups().every((p) => !containersIn(p).length));
});

test.runIf(canRun).each([
  [
    'filesystem/posix,filesystem/linux',
    'linux',
    'Using multiple filesystem isolators simultaneously is disallowed',
  ],
  [
    'network/cni,network/port_mapping',
    'linux',
    'Using multiple network isolators simultaneously is disallowed',
  ],
  ['docker/runtime', 'linux', "Isolator 'docker/runtime' is not supported yet"],
  [
    'namespaces/pid',
    'linux',
    "Failed to create isolator 'namespaces/pid': 'filesystem/linux' must be used to enable pid namespace",
  ],
  [
    'filesystem/linux',
    'posix',
    "Failed to create isolator 'filesystem/linux': 'filesystem/linux' isolator requires 'linux' launcher",
  ],
  [
    'filesystem/linux,linux/seccomp',
    'linux',
    "Failed to create isolator 'linux/seccomp': Missing required `--seccomp_config_dir` flag",
  ],
  [
    'windows/cpu',
    'linux',
    "Failed to create isolator 'windows/cpu': it works on Windows only, and this is linux",
  ],
  ['filesystem/linux,foo', 'linux', "Unknown or unsupported isolator 'foo'"],
])(
  '--isolation=%s with the %s launcher: one line, and nothing is left',
  async (names, launcher, text) => {
    cgroupsRoot = `mesita-test-${randomUUID().slice(0, 8)}`;
    cluster = createCluster();
    const home = join(cluster.folder, 'refused');
    const daemon = spawnDaemon('mesos-agent', 0, [
      '--master=127.0.0.1:1',
      '--ip=127.0.0.1',
      '--port=0',
      '--quiet',
      ...directories(home).filter((flag) => !flag.startsWith('--launcher=')),
      `--launcher=${launcher}`,
      `--isolation=${names}`,
      `--cgroups_root=${cgroupsRoot}`,
    ]);
    expect(await daemon.exited).toBe(1);
    const lines = daemon.output().trimEnd().split('\n');
    expect(lines[0]).toContain(text);
    expect(lines).toHaveLength(1);
    expect(mountsBelow(realpathSync(cluster.folder))).toEqual([]);
    expect(groups()).toEqual([]);
  },
);

test.runIf(process.getuid?.() === 0).each([
  ['filesystem/linux', "'filesystem/linux' isolator requires root privileges"],
  ['linux/capabilities', 'Linux capabilities isolator requires root permissions'],
  ['disk/xfs', 'The XFS disk isolator requires running as root.'],
])('--isolation=%s without root', (name, text) => {
  cgroupsRoot = 'mesita-test-none';
  cluster = createCluster();
  chownSync(cluster.folder, nobody, nobody);
  const script = join(import.meta.dirname, '../../dist/mesos-agent.js');
  const flags = ['--master=127.0.0.1:1', '--ip=127.0.0.1', '--port=0', '--quiet'];
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      script,
      ...flags,
      '--no-switch_user',
      ...directories(join(cluster.folder, 'home')),
      `--isolation=${name}`,
    ],
    { uid: nobody, gid: nobody, encoding: 'utf8' },
  );
  expect([status, stderr.trimEnd()]).toEqual([
    1,
    `mesos-agent: Failed to create a containerizer: Could not create MesosContainerizer: Failed to create isolator '${name}': ${text}`,
  ]);
});

/** Containers' own processes: the daemons work elsewhere. */
function processesIn(folder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    if (pid === process.pid) return false;
    try {
      return realpathSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
    } catch {
      return false;
    }
  });
}
