// Sessions and terminals: what is typed gets in, what is printed gets out.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeLauncherPath } from '../../../src/linux/launcher/native-path.ts';
import { type AgentApi, agentApi } from '../../harness/agent-api.ts';
import { type Cluster, createCluster, type Daemon, waitFor } from '../../harness/cluster.ts';
import { openRaw as openConnection } from '../../harness/raw-http.ts';
import { type RecordStream, readRecords } from '../../harness/record-stream.ts';

/** A connection that takes text. */
async function openRaw(port: number) {
  const connection = await openConnection(port);
  return {
    ...connection,
    send: (data: string | Uint8Array) => connection.send(Buffer.from(data as string)),
  };
}

const isCompiled = nativeLauncherPath(undefined) !== undefined;

describe.skipIf(!isCompiled)('with the compiled launcher', () => {
  let cluster: Cluster;
  let master: Daemon;
  let agent: Daemon;
  let call: AgentApi;
  const start = () =>
    cluster.startAgent({ master, port: agent?.port }, '--http_heartbeat_interval=200ms');

  beforeAll(async () => {
    cluster = createCluster();
    master = await cluster.startMaster('--registry=in_memory');
    agent = await start();
    call = agentApi(agent.port);
    await launch('root', { command: { value: 'sleep 600' } });
  });
  afterAll(() => cluster?.stop());

  const id = (value: string, parent?: string) => ({
    value,
    ...(parent !== undefined && { parent: { value: parent } }),
  });
  const launch = (value: string, more: object) =>
    call('LAUNCH_CONTAINER', { container_id: id(value), ...more });

  async function open(body: object): Promise<RecordStream> {
    const connection = await openRaw(agent.port);
    const text = JSON.stringify(body);
    const media = 'Content-Type: application/json\r\nAccept: application/json\r\n';
    connection.send(
      `POST /api/v1 HTTP/1.1\r\nHost: test\r\n${media}Content-Length: ${text.length}\r\n\r\n${text}`,
    );
    const head = await connection.readHead(10_000);
    if (head.status !== 200) throw new Error(`${head.status}`);
    return readRecords(connection);
  }

  const session = (value: string, command: string, more: object = {}) =>
    open({
      type: 'LAUNCH_NESTED_CONTAINER_SESSION',
      launch_nested_container_session: {
        container_id: id(value, 'root'),
        command: { value: command },
        ...more,
      },
    });
  const attach = (value: string, parent?: string) =>
    open({
      type: 'ATTACH_CONTAINER_OUTPUT',
      attach_container_output: { container_id: id(value, parent) },
    });

  /** Answers what may be said next, and how to end it. */
  async function type(value: string, parent?: string) {
    const connection = await openRaw(agent.port);
    const media =
      'Content-Type: application/recordio\r\nMessage-Content-Type: application/json\r\n';
    connection.send(
      `POST /api/v1 HTTP/1.1\r\nHost: test\r\n${media}Accept: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const send = (attach_container_input: object) => {
      const text = JSON.stringify({ type: 'ATTACH_CONTAINER_INPUT', attach_container_input });
      const record = `${text.length}\n${text}`;
      connection.send(`${record.length.toString(16)}\r\n${record}\r\n`);
    };
    const io = (process_io: object) => send({ type: 'PROCESS_IO', process_io });
    send({ type: 'CONTAINER_ID', container_id: id(value, parent) });
    return {
      send,
      data: (text: string) =>
        io({ type: 'DATA', data: { type: 'STDIN', data: Buffer.from(text).toString('base64') } }),
      resize: (rows: number, columns: number) =>
        io({
          type: 'CONTROL',
          control: { type: 'TTY_INFO', tty_info: { window_size: { rows, columns } } },
        }),
      end: () => connection.send('0\r\n\r\n'),
      async answer() {
        const head = await connection.readHead(10_000);
        const { body } = await connection.readBody(head, 10_000);
        connection.close();
        return { status: head.status, text: String(body) };
      },
    };
  }

  interface Io {
    readonly type: string;
    readonly data?: { readonly type: string; readonly data: string };
  }
  const textOf = (stream: RecordStream, kind: string) =>
    stream.records
      .map((record) => JSON.parse(String(record)) as Io)
      .filter(({ data }) => data?.type === kind)
      .map(({ data }) => Buffer.from(data?.data ?? '', 'base64').toString())
      .join('');
  const ended = (stream: RecordStream) => waitFor('the end', () => stream.closed !== undefined);

  test('a session gives both streams whole, and its exit status', async () => {
    const stream = await session(
      's1',
      'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo bad >&2; exit 3',
    );
    await ended(stream);
    expect(stream.closed).toBe('last-chunk');
    expect(textOf(stream, 'STDOUT').trim().split('\n')).toHaveLength(20_000);
    expect(textOf(stream, 'STDERR')).toBe('bad\n');
    const end = await call('WAIT_CONTAINER', { container_id: id('s1', 'root') });
    expect(end.json.wait_container).toEqual({ exit_status: 768 });
  });

  test('a program that closes its streams goes on until it exits', async () => {
    const stream = await session('s6', 'exec >&- 2>&- <&-; sleep 0.5; exit 4');
    await ended(stream);
    const end = await call('WAIT_CONTAINER', { container_id: id('s6', 'root') });
    expect(end.json.wait_container).toEqual({ exit_status: 1024 });
  });

  test('what is typed is read, its end too; one may type at a time', async () => {
    const stream = await session('s2', 'cat; echo over');
    const input = await type('s2', 'root');
    input.data('hello\n');
    await waitFor('the echo', () => textOf(stream, 'STDOUT') === 'hello\n');
    const other = await type('s2', 'root');
    expect((await other.answer()).status).toBe(409);
    input.data('');
    await ended(stream);
    expect(textOf(stream, 'STDOUT')).toBe('hello\nover\n');
    expect((await input.answer()).status).toBe(200);
  });

  test('a session ends with its client, and beats meanwhile', async () => {
    const stream = await session('s3', 'sleep 600');
    await waitFor('heartbeats', () => stream.records.length >= 2);
    expect(JSON.parse(String(stream.records[0])).control.type).toBe('HEARTBEAT');
    stream.close();
    const end = await call('WAIT_CONTAINER', { container_id: id('s3', 'root') });
    expect(end.json.wait_container).toEqual({ exit_status: 9 });
  });

  const tty = { type: 'MESOS', tty_info: { window_size: { rows: 33, columns: 44 } } };

  test('a terminal has its size, and a new one when told; characters for signals work', async () => {
    const command =
      'stty size; trap "stty size" WINCH; trap "echo caught" INT; while :; do sleep 0.1; done';
    const stream = await session('t1', command, { container: tty });
    await waitFor('the size', () => textOf(stream, 'STDOUT').includes('33 44'));
    const input = await type('t1', 'root');
    input.resize(55, 66);
    await waitFor('the new size', () => textOf(stream, 'STDOUT').includes('55 66'));
    input.data('\x03');
    await waitFor('the interrupt', () => textOf(stream, 'STDOUT').includes('caught'));
    stream.close();
    await input.answer();
  });

  test('a container with a terminal can be attached to, again after a restart', async () => {
    const command = { value: 'i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.02; done' };
    expect((await launch('t2', { command, container: tty })).status).toBe(200);
    const before = await attach('t2');
    await waitFor('ticks', () => textOf(before, 'STDOUT').includes('tick'));
    await agent.kill('SIGKILL');
    agent = await start();
    const after = await attach('t2');
    await waitFor('ticks again', () => textOf(after, 'STDOUT').includes('tick'));
    await call('KILL_CONTAINER', { container_id: id('t2') });
    await ended(after);
    const log = readFileSync(join(cluster.folder, 'agent/work/containers/t2/stdout'), 'utf8');
    const numbers = [...log.matchAll(/tick (\d+)\r?\n/g)].map(([, n]) => Number(n));
    expect(numbers).toEqual(numbers.map((_, index) => index));
    await waitFor(
      'nothing left',
      () => !existsSync(join(cluster.folder, 'agent/runtime/io_switchboard/containers/t2')),
    );
  });

  test.each([
    ['no server', 'root', undefined, 500, 'I/O switchboard server was disabled for this container'],
    ['unknown', 'x', undefined, 404, 'Container x cannot be found'],
  ])('attaching is refused: %s', async (_, value, parent, status, text) => {
    const answer = await call('ATTACH_CONTAINER_OUTPUT', { container_id: id(value, parent) });
    expect([answer.status, answer.text]).toEqual([status, text]);
  });

  test('a wrong record ends the typing with its reason', async () => {
    const stream = await session('s5', 'cat');
    const input = await type('s5', 'root');
    input.send({
      type: 'PROCESS_IO',
      process_io: { type: 'DATA', data: { type: 'STDOUT', data: '' } },
    });
    expect(await input.answer()).toEqual({
      status: 400,
      text: "Expecting 'process_io.data.type' to be 'STDIN'",
    });
    stream.close();
  });
});
