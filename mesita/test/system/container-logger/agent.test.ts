// `--container_logger` of a real agent, killed while its containers print.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon } from '../../harness/cluster.ts';
import { type Framework, subscribe } from '../../harness/framework.ts';
import { hasProgram } from '../../harness/packages.ts';
import { readSandbox, sandboxPath } from '../../harness/sandbox.ts';

const isThere = hasProgram('logrotate');

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;

// As in the manifests that clusters of Mesos have.
const manifest = JSON.stringify({
  libraries: {
    file: '/usr/lib/mesos/modules/liblogrotate_container_logger.so',
    modules: {
      name: 'org_apache_mesos_LogrotateContainerLogger',
      parameters: [
        { key: 'max_stdout_size', value: '8KB' },
        { key: 'logrotate_stdout_options', value: 'rotate 99' },
        { key: 'launcher_dir', value: '/usr/libexec/mesos' },
      ],
    },
  },
});
const flags = [
  `--modules=${manifest}`,
  '--container_logger=org_apache_mesos_LogrotateContainerLogger',
];

beforeAll(async () => {
  cluster = createCluster();
  if (!isThere) return;
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  agent = await cluster.startAgent({ master }, ...flags);
  framework = await subscribe(master.port);
});
afterAll(() => cluster.stop());

const count = (from: number, to: number) =>
  `i=${from}; while [ $i -lt ${to} ]; do echo "line $i"; i=$((i+1)); done`;

test.skipIf(!isThere)('no line is lost when the agent is killed and comes back', async () => {
  const go = join(cluster.folder, 'go');
  await framework.launch({
    id: 'talker',
    command: `${count(0, 1500)}; until [ -e ${go} ]; do sleep 0.02; done; ${count(1500, 3000)}`,
  });
  await framework.status('talker', 'TASK_RUNNING');
  await agent.kill('SIGKILL');
  writeFileSync(go, '');
  agent = await cluster.startAgent({ master, port: agent.port }, ...flags);
  await framework.status('talker', 'TASK_FINISHED');
  const read = (file: string) => readSandbox(agent.port, sandboxPath(framework.id, 'talker', file));
  const parts = [await read('stdout')];
  for (let number = 1; parts[0] !== undefined; number++) {
    const part = await read(`stdout.${number}`);
    if (part === undefined) break;
    parts.unshift(part);
  }
  expect(parts.every((part) => (part?.length ?? 0) <= 8192)).toBe(true);
  expect(parts.join('')).toBe(Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join(''));
});

test('§4.ContainerLogger a logger that is not loaded ends the start with the words of Mesos', async () => {
  const other = { port: 1 } as Daemon;
  const daemon = await cluster.spawnAgent(
    { master: other },
    '--container_logger=nosuch',
    '--quiet',
  );
  expect([await daemon.exited, daemon.output().trim()]).toEqual([
    1,
    "mesos-agent: Failed to create a containerizer: Could not create MesosContainerizer: Failed to create I/O switchboard: Cannot create container logger: Failed to create container logger module 'nosuch': Module 'nosuch' unknown",
  ]);
});
