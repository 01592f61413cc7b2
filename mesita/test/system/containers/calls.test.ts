// Containers that an operator launches: alone, and in each other.
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentApi, agentApi } from '../../harness/agent-api.ts';
import { type Cluster, createCluster, type Daemon, waitFor } from '../../harness/cluster.ts';

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let call: AgentApi;

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory');
  agent = await cluster.startAgent({ master });
  call = agentApi(agent.port);
});
afterAll(() => cluster.stop());

/** `a.b.c`, from the root down. */
function id(path: string): object {
  return path
    .split('.')
    .reduce<object>((parent, value) => ({ value, ...('value' in parent && { parent }) }), {});
}

const launch = (path: string, value: string, more: object = {}) =>
  call('LAUNCH_CONTAINER', { container_id: id(path), command: { value }, ...more });
const wait = (path: string) => call('WAIT_CONTAINER', { container_id: id(path) });
const kill = (path: string) => call('KILL_CONTAINER', { container_id: id(path) });
const remove = (path: string) => call('REMOVE_CONTAINER', { container_id: id(path) });

async function listed(options: object): Promise<string[]> {
  const { json } = await call('GET_CONTAINERS', options);
  const containers: { container_id: { value: string } }[] = json.get_containers?.containers ?? [];
  return containers.map(({ container_id }) => container_id.value).sort();
}

const sandbox = (name: string) => join(cluster.folder, 'agent/work/containers', name);

test('standalone and nested containers, from launch to removal', async () => {
  expect((await launch('a', 'sleep 600')).status).toBe(200);
  expect((await launch('a', 'sleep 600')).status).toBe(202);
  expect((await launch('a.b', 'sleep 600')).status).toBe(200);
  expect((await launch('a.b.c', 'exit 3')).status).toBe(200);
  expect((await wait('a.b.c')).json.wait_container).toEqual({ exit_status: 768 });

  expect(await listed({})).toEqual([]);
  expect(await listed({ show_standalone: true })).toEqual(['a']);
  expect(await listed({ show_nested: true, show_standalone: true })).toEqual(['a', 'b']);

  expect((await remove('a')).text).toBe('Container has not terminated yet');
  expect((await remove('a.b')).text).toBe('Nested container has not terminated yet');
  expect((await remove('a.b.c')).status).toBe(200);
  expect((await wait('a.b.c')).status).toBe(404);

  const ends = wait('a');
  expect((await kill('a')).status).toBe(200);
  expect((await ends).json.wait_container).toEqual({ exit_status: 9 });
  expect((await kill('a.b')).status).toBe(404);
  expect(existsSync(sandbox('a'))).toBe(true);
  expect((await remove('a')).status).toBe(200);
  expect(existsSync(sandbox('a'))).toBe(false);
});

test('they outlive the agent, and their ends are true', async () => {
  await launch('s', 'while [ ! -e go ]; do sleep 0.1; done; exit 4');
  await launch('s.n', 'exit 5');
  await wait('s.n');
  await agent.kill('SIGKILL');
  agent = await cluster.startAgent({ master, port: agent.port });
  expect(await listed({ show_standalone: true })).toEqual(['s']);
  expect((await wait('s.n')).json.wait_container).toEqual({ exit_status: 1280 });
  const ends = wait('s');
  writeFileSync(join(sandbox('s'), 'go'), '');
  expect((await ends).json.wait_container).toEqual({ exit_status: 1024 });
});

test('a removal follows no link that the user put in its way', async () => {
  await launch('l', 'sleep 600');
  await launch('l.n', 'true');
  await wait('l.n');
  const elsewhere = join(cluster.folder, 'elsewhere');
  mkdirSync(join(elsewhere, 'n'), { recursive: true });
  renameSync(join(sandbox('l'), 'containers'), join(sandbox('l'), 'before'));
  symlinkSync(elsewhere, join(sandbox('l'), 'containers'));
  expect((await remove('l.n')).status).toBe(200);
  expect(existsSync(join(elsewhere, 'n'))).toBe(true);
  await kill('l');
});

test('their sandboxes are collected where that is asked for', async () => {
  await agent.kill('SIGKILL');
  const flags = ['--gc_non_executor_container_sandboxes', '--gc_delay=1secs'];
  agent = await cluster.startAgent({ master, port: agent.port }, ...flags);
  await launch('g', 'sleep 600');
  await launch('g.n', 'true');
  await wait('g.n');
  await waitFor('the inner one gone', () => !existsSync(join(sandbox('g'), 'containers/n')));
  expect(existsSync(sandbox('g'))).toBe(true);
  await kill('g');
  await waitFor('the outer one gone', () => !existsSync(sandbox('g')));
});

const deep = (levels: number) =>
  Array.from({ length: levels }, (_, level) => `d${level}`).join('.');
const reserved = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, role: 'r' };
const cgroups = (share_cgroups: boolean) => ({
  container: { type: 'MESOS', linux_info: { share_cgroups } },
});

test.each<[string, string, object, string]>([
  ['unknown parent', 'x.y', {}, 'Parent container x does not exist'],
  ['too deep', deep(33), {}, 'nested too deep'],
  ['reserved', 'r', { resources: [reserved] }, "'launch_container.resources' must be unreserved"],
  ['no parent to share with', 'r', cgroups(true), "cannot set 'share_cgroups' to 'true'"],
  ['own cgroups too deep', 'a.b.c', cgroups(false), "cannot set 'share_cgroups' to 'false'"],
  ['docker', 'r', { container: { type: 'DOCKER', docker: { image: 'i' } } }, 'is not supported'],
])('refused: %s', async (_, path, more, text) => {
  const answer = await launch(path, 'true', more);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain(text);
});
