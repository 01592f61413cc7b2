// Whatever clients send: a clear answer, and everybody else goes on undisturbed.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';
import { openRaw } from '../harness/raw-http.ts';

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  agent = await cluster.startAgent({ master });
  framework = await subscribe(master.port);
  await framework.launch({ id: 'bystander', command: 'sleep 1000' });
  await framework.status('bystander', 'TASK_RUNNING');
});
afterAll(async () => {
  const states = framework.states('bystander').filter((state) => state !== 'TASK_ERROR');
  expect(states).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
  expect(framework.isOpen).toBe(true);
  expect([master.process.exitCode, agent.process.exitCode]).toEqual([null, null]);
  framework.close();
  await cluster.stop();
});

async function send(port: number, text: string | Buffer): Promise<string> {
  const connection = await openRaw(port);
  connection.send(Buffer.from(text));
  const head = await connection.readHead(10_000);
  const { body } = await connection.readBody(head, 10_000);
  connection.close();
  return `${head.status} ${body}`;
}

function post(path: string, type: string, body: string, more = ''): string {
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${more}Content-Length: ${length}\r\n\r\n${body}`;
}

const paths = ['/api/v1', '/api/v1/scheduler'];
const json = 'application/json';

describe.each(paths)('%s of the master', (path) => {
  test('not JSON, not a message, not a call', async () => {
    const answers = [];
    for (const body of ['{', '[]', '{"type":"NO_SUCH_CALL"}', '{}', '\u0000'])
      answers.push(await send(master.port, post(path, json, body)));
    expect(answers).toMatchSnapshot();
    expect(await send(master.port, post(path, 'application/x-protobuf', 'xyz'))).toMatchSnapshot();
  });

  test('wrong media types and methods', async () => {
    expect(await send(master.port, post(path, 'text/plain', '{}'))).toMatch(/^415 /);
    const subscribe = JSON.stringify({
      type: 'SUBSCRIBE',
      subscribe: { framework_info: { user: 'root', name: 'x' } },
    });
    expect(await send(master.port, post(path, json, subscribe, 'Accept: text/html\r\n'))).toMatch(
      /^406 /,
    );
    expect(await send(master.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^405 /);
  });

  test('deeply nested, and larger than a request may be', async () => {
    const deep = `{"type":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
    expect(await send(master.port, post(path, json, deep))).toMatch(/^400 /);
    const connection = await openRaw(master.port);
    connection.send(
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${json}\r\nContent-Length: 99999999999\r\n\r\n`,
      ),
    );
    expect((await connection.readHead(10_000)).status).toBe(413);
    connection.close();
  });
});

test('noise instead of HTTP ends its connection and nothing else', async () => {
  const long = `GET /${'a'.repeat(200_000)} HTTP/1.1\r\n\r\n`;
  for (const port of [master.port, agent.port])
    for (const noise of ['HELO there\r\n\r\n', '\u0000\u0001\u0002\r\n\r\n', long]) {
      const connection = await openRaw(port);
      connection.send(Buffer.from(noise));
      expect(await connection.probe(10_000)).not.toBe('silent');
      connection.close();
    }
});

test('libprocess messages nobody can read', async () => {
  const names = [
    'RegisterSlaveMessage',
    'StatusUpdateMessage',
    'PingSlaveMessage',
    'NoSuchMessage',
  ];
  for (const [port, process] of [
    [master.port, 'master'],
    [agent.port, 'slave(1)'],
  ] as const) {
    for (const name of names) {
      const body = '\u00ff\u00ff garbage';
      const head = `Libprocess-From: nobody@127.0.0.1:1\r\n`;
      const path = `/${process}/mesos.internal.${name}`;
      expect(await send(port, post(path, 'application/x-protobuf', body, head))).toMatch(
        /^(202|400|404) /,
      );
    }
  }
});

describe('tasks', () => {
  let number = 0;
  let id = '';
  beforeEach(() => {
    number += 1;
    id = `bad-${number}`;
  });

  const error = async () => (await framework.status(id, 'TASK_ERROR')).message;

  test('that ask for more than the offer', async () => {
    const offer = await framework.offer();
    await framework.accept(offer, [{ id, command: 'true', cpus: 1000 }]);
    expect(await error()).toMatch(/^Total resources .*1000.* is more than available .*/);
  });

  test('with an id that is in use', async () => {
    await framework.launch({ id: 'bystander', command: 'true' });
    const { message } = await framework.status('bystander', 'TASK_ERROR');
    expect(message).toMatch(/^Task has duplicate ID: bystander$/);
  });

  test('with an id that no file could have', async () => {
    id = `../${id}`;
    await framework.launch({ id, command: 'true' });
    expect(await error()).toBe(`'${id}' contains invalid characters`);
  });

  test('of an agent that is not the one of the offer', async () => {
    await framework.launch({ id, command: 'true', more: { agent_id: { value: 'elsewhere' } } });
    expect(await error()).toMatch(/agent/);
  });

  test('without anything to run', async () => {
    await framework.launch({ id });
    expect(await error()).toMatchSnapshot();
  });

  test('on an offer that is gone', async () => {
    const offer = { ...(await framework.offer()), id: { value: 'no-such-offer' } };
    await framework.accept(offer, [{ id, command: 'true' }]);
    const status = await framework.anyStatus(id);
    expect([status.state, status.reason]).toEqual(['TASK_DROPPED', 'REASON_INVALID_OFFERS']);
  });
});

test('calls about tasks, agents and frameworks that do not exist', async () => {
  const nowhere = { task_id: { value: 'nobody' }, agent_id: { value: 'nowhere' } };
  expect((await framework.call({ type: 'KILL', kill: nowhere })).status).toBe(202);
  const uuid = 'sxq2X3fFT1y+2bYoTMmSHA==';
  const acknowledge = { ...nowhere, uuid };
  expect((await framework.call({ type: 'ACKNOWLEDGE', acknowledge })).status).toBe(202);
  const short = { ...nowhere, uuid: 'AAAA' };
  expect((await framework.call({ type: 'ACKNOWLEDGE', acknowledge: short })).status).toBe(400);
  const other = { type: 'REVIVE', framework_id: { value: 'nobody' } };
  expect((await framework.call(other)).status).toBe(400);
  expect((await framework.call({ type: 'NONE' })).status).toBe(400);
  await framework.call({ type: 'RECONCILE', reconcile: { tasks: [nowhere] } });
  const { state, reason } = await framework.anyStatus('nobody');
  expect(reason).toBe('REASON_RECONCILIATION');
  expect(state).toMatch(/^TASK_(UNKNOWN|LOST|GONE)$/);
});

test('files outside of what is offered', async () => {
  for (const path of ['/etc/passwd', '../../../etc/passwd', '/frameworks/../../etc/passwd', ''])
    for (const port of [master.port, agent.port])
      expect(
        await send(
          port,
          `GET /files/read?path=${encodeURIComponent(path)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        ),
      ).toMatch(/^40[04] /);
  await getJson(master.port, '/state');
});
