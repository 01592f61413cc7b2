// Who may reach the cluster, and who may join it: real daemons, real credentials.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signToken } from '../../src/builtin/json-web-token.ts';
import { type Cluster, createCluster, type Daemon, waitFor } from '../harness/cluster.ts';

let cluster: Cluster;
beforeEach(() => {
  cluster = createCluster();
});
afterEach(() => cluster.stop());

function write(name: string, content: unknown): string {
  const path = join(cluster.folder, name);
  writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
  return path;
}

const ann = { principal: 'ann', secret: 's3cret' };
const bob = { principal: 'bob', secret: 'b' };
const credentials = () => write('credentials', { credentials: [ann, bob] });

async function get(daemon: Daemon, path: string, who?: typeof ann, method: 'GET' | 'POST' = 'GET') {
  const pair = who && Buffer.from(`${who.principal}:${who.secret}`).toString('base64');
  const headers = pair === undefined ? {} : { authorization: `Basic ${pair}` };
  const answer = await request(`http://127.0.0.1:${daemon.port}${path}`, { method, headers });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

test('§4.Authenticatee §5.Authenticatee.authenticate an agent joins with the right secret only', async () => {
  const master = await cluster.startMaster(
    '--authenticate_agents',
    `--credentials=${credentials()}`,
  );
  const agent = await cluster.startAgent({ master }, `--credential=${write('own', ann)}`);
  await agent.says('authenticated with the master');
  expect(agent.output()).not.toContain(ann.secret);

  const wrong = write('wrong', { ...ann, secret: 'guess' });
  const stranger = await cluster.spawnAgent({ master, name: 'stranger' }, `--credential=${wrong}`);
  expect(await stranger.exited).toBe(1);
  expect(stranger.output()).toMatch(/Master master@127\.0\.0\.1:\d+ refused authentication/);

  const silent = await cluster.spawnAgent({ master, name: 'silent' });
  await master.says('not authenticated');
  const { slaves } = JSON.parse((await get(master, '/slaves')).body);
  expect(slaves).toHaveLength(1);
  expect(silent.process.exitCode).toBe(null);
  expect(master.output()).not.toContain(ann.secret);
});

test('an agent proves itself anew to a master that comes back', async () => {
  const flags = ['--authenticate_agents', `--credentials=${credentials()}`];
  const master = await cluster.startMaster(...flags);
  const agent = await cluster.startAgent({ master }, `--credential=${write('own', ann)}`);
  await master.kill();
  const next = await cluster.startMaster(`--port=${master.port}`, ...flags);
  await waitFor(
    'the agent to be back',
    async () => JSON.parse((await get(next, '/slaves')).body).slaves.length === 1,
    agent,
  );
});

test('a master without credentials refuses all who try', async () => {
  const master = await cluster.startMaster();
  const agent = await cluster.spawnAgent({ master }, `--credential=${write('own', ann)}`);
  expect(await agent.exited).toBe(1);
  expect(agent.output()).toContain('refused authentication');
});

test('§4.HttpAuthenticator §4.Authorizer endpoints name who asks, and show and do what that one may', async () => {
  const only = (principal: string) => ({ values: [principal] });
  const acls = {
    permissive: false,
    view_flags: [{ principals: only('ann'), flags: { type: 'ANY' } }],
    get_endpoints: [{ principals: only('ann'), paths: { values: ['/metrics/snapshot'] } }],
    access_mesos_logs: [{ principals: only('ann'), logs: { type: 'ANY' } }],
    view_roles: [{ principals: only('ann'), roles: { type: 'ANY' } }],
    register_agents: [{ principals: { type: 'ANY' }, agents: { type: 'ANY' } }],
  };
  const flags = ['--authenticate_http_readonly', '--authenticate_http_readwrite'];
  const master = await cluster.startMaster(
    `--credentials=${credentials()}`,
    `--acls=${JSON.stringify(acls)}`,
    `--log_dir=${cluster.folder}`,
    ...flags,
  );
  const answers = [];
  for (const path of [
    '/state',
    '/metrics/snapshot',
    '/flags',
    '/weights',
    '/files/browse?path=/master/log',
  ]) {
    for (const who of [undefined, { ...ann, secret: 'x' }, bob, ann]) {
      const { status, headers } = await get(master, path, who);
      answers.push(
        `${path} ${who?.principal ?? '-'} ${status} ${headers['www-authenticate'] ?? ''}`,
      );
    }
  }
  expect(answers).toMatchSnapshot();
  const flagsOf = async (who: typeof ann) =>
    JSON.parse((await get(master, '/state', who)).body).flags;
  expect([await flagsOf(bob), typeof (await flagsOf(ann))]).toEqual([undefined, 'object']);
  const roles = async (who: typeof ann) => JSON.parse((await get(master, '/roles', who)).body);
  expect(await roles(bob)).toEqual({ roles: [] });
  expect((await get(master, '/health')).status).toBe(200);
});

test('§4.SecretGenerator an executor needs the token of its agent', async () => {
  const master = await cluster.startMaster();
  const key = write('key', 'a key');
  const flags = ['--authenticate_http_executors', `--jwt_secret_key=${key}`];
  const http = write('http', { credentials: [ann] });
  const agent = await cluster.startAgent({ master }, ...flags, `--http_credentials=${http}`);
  const call = { type: 'HEARTBEAT', framework_id: { value: 'f' }, executor_id: { value: 'e' } };
  const ask = async (token?: string) => {
    const { statusCode, headers, body } = await request(
      `http://127.0.0.1:${agent.port}/api/v1/executor`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(call),
      },
    );
    await body.dump();
    return [statusCode, headers['www-authenticate']];
  };
  expect([
    await ask(),
    await ask(signToken({ fid: 'f' }, 'another key')),
    await ask(signToken({ fid: 'f', eid: 'e', cid: 'c' }, '"a key"')),
  ]).toMatchSnapshot();
});

test('modules are operated by those who may', async () => {
  const file = join(cluster.folder, 'hook.ts');
  const hook = `import { defineModule } from '@mesita/sdk/module';
    export default defineModule({ kind: 'Hook', name: 'H', create: () => ({}) });`;
  writeFileSync(file, hook);
  const manifest = { libraries: [{ file, modules: [{ name: 'H' }] }] };
  const rule = (who: string, ...values: string[]) => ({
    principals: { values: [who] },
    paths: { values },
  });
  const acls = {
    permissive: false,
    get_endpoints: [rule('ann', '/modules', '/modules/load'), rule('bob', '/modules/reload')],
  };
  const master = await cluster.startMaster(
    ...['--registry=in_memory', '--hooks=H', '--authenticate_http_readwrite'],
    ...[`--credentials=${credentials()}`, `--acls=${JSON.stringify(acls)}`],
    `--modules=${JSON.stringify(manifest)}`,
  );
  const order = async (who: typeof ann, body?: object) => {
    const pair = Buffer.from(`${who.principal}:${who.secret}`).toString('base64');
    const answer = await request(`http://127.0.0.1:${master.port}/modules`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Basic ${pair}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    await answer.body.dump();
    return answer.statusCode;
  };
  const orders = [
    undefined,
    { action: 'reload', name: 'H' },
    { action: 'load', manifest },
    { action: 'unload', name: 'H' },
  ];
  const answers = [];
  for (const each of orders) answers.push([await order(ann, each), await order(bob, each)]);
  expect(answers).toEqual([
    [200, 403],
    [403, 200],
    [200, 403],
    [403, 403],
  ]);
});
