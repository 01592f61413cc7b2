// What real clients lean on: each row broke, or would break, at least one of them.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, spawnDaemon } from '../harness/cluster.ts';
import { header, openRaw, type RawConnection, type RawHead } from '../harness/raw-http.ts';
import { readRecords } from '../harness/record-stream.ts';

const dashboard = 'http://dashboard.example:8080';
let cluster: Cluster;
let master: Daemon;
let agent: Daemon;

beforeAll(async () => {
  cluster = createCluster();
  const pages = `--allowed_origins=http://other.example,${dashboard}`;
  master = await cluster.startMaster('--registry=in_memory', pages);
  agent = await cluster.startAgent({ master }, pages);
});
afterAll(() => cluster.stop());

const timeoutMs = 5_000;
const json = { 'Content-Type': 'application/json', Accept: 'application/json' };

async function exchange(port: number, bytes: string | Buffer) {
  const connection = await openRaw(port);
  connection.send(Buffer.from(bytes));
  const head = await connection.readHead(timeoutMs);
  const { body } = await connection.readBody(head, timeoutMs);
  connection.close();
  return { ...head, text: body.toString() };
}

function get(port: number, path: string, method = 'GET') {
  return exchange(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
}

function postBytes(path: string, headers: Record<string, string>, body: string | Buffer): Buffer {
  const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`);
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\n${lines.join('')}${length}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

const subscribeBody = (info: object = {}) =>
  JSON.stringify({
    type: 'SUBSCRIBE',
    subscribe: { framework_info: { user: 'root', name: 'client', ...info } },
  });

async function open(bytes: Buffer): Promise<{ connection: RawConnection; head: RawHead }> {
  const connection = await openRaw(master.port);
  connection.send(bytes);
  return { connection, head: await connection.readHead(timeoutMs) };
}

/** Subscribes, and answers with the way to send further calls. */
async function subscribed(info: object = {}) {
  const { connection, head } = await open(
    postBytes('/api/v1/scheduler', json, subscribeBody(info)),
  );
  const stream = readRecords(connection);
  await stream.waitFor(() => stream.records.length > 0, timeoutMs);
  const first = JSON.parse(String(stream.records[0]));
  const framework_id = first.subscribed.framework_id;
  const call = (body: object, headers: Record<string, string> = {}) =>
    exchange(
      master.port,
      postBytes(
        '/api/v1/scheduler',
        { ...json, 'Mesos-Stream-Id': header(head, 'mesos-stream-id') ?? '', ...headers },
        JSON.stringify({ framework_id, ...body }),
      ),
    );
  const events = () => stream.records.map((r) => JSON.parse(String(r)));
  const waitForEvent = async (type: string) => {
    await stream.waitFor(() => events().some((e) => e.type === type), timeoutMs);
    return events().find((e) => e.type === type);
  };
  return { stream, head, framework_id, call, events, waitForEvent };
}

describe('streams', () => {
  test('S1: one record is one chunk, with its length line', async () => {
    const { connection } = await open(postBytes('/api/v1/scheduler', json, subscribeBody()));
    for (let i = 0; i < 3; i++) {
      const chunk = String(await connection.readChunk(timeoutMs));
      const newline = chunk.indexOf('\n');
      expect(Number(chunk.slice(0, newline))).toBe(Buffer.byteLength(chunk.slice(newline + 1)));
      expect(JSON.parse(chunk.slice(newline + 1)).type).toBe(
        ['SUBSCRIBED', 'HEARTBEAT', 'OFFERS'][i],
      );
    }
    connection.close();
  });

  test("S2: an event's JSON has no raw newline", async () => {
    const client = await subscribed({ name: 'two\nlines' });
    await client.waitForEvent('OFFERS');
    for (const record of client.stream.records) expect(record.includes(10)).toBe(false);
    client.stream.close();
  });

  test('S3: the first heartbeat follows SUBSCRIBED, whose interval is 15 s', async () => {
    const client = await subscribed();
    await client.waitForEvent('HEARTBEAT');
    expect(
      client
        .events()
        .slice(0, 2)
        .map((e) => e.type),
    ).toEqual(['SUBSCRIBED', 'HEARTBEAT']);
    expect(client.events()[0].subscribed.heartbeat_interval_seconds).toBe(15);
    client.stream.close();
  });

  test('S4: an event has no member that Mesos 1.11 does not know', async () => {
    const client = await subscribed();
    const { offers } = await client.waitForEvent('OFFERS');
    const known =
      'id framework_id agent_id hostname url domain resources attributes executor_ids unavailability allocation_info';
    for (const offer of offers.offers)
      for (const member of Object.keys(offer)) expect(known.split(' ')).toContain(member);
    client.stream.close();
  });

  test.each([
    ['no Accept', { 'Content-Type': 'application/json' }],
    ['Connection: close', { ...json, Connection: 'close' }],
  ])('S5: SUBSCRIBE with %s streams', async (_, headers) => {
    const { connection, head } = await open(
      postBytes('/api/v1/scheduler', headers, subscribeBody()),
    );
    expect([head.status, header(head, 'transfer-encoding')]).toEqual([200, 'chunked']);
    expect(String(await connection.readChunk(timeoutMs))).toContain('SUBSCRIBED');
    connection.close();
  });

  test('S5: SUBSCRIBE with a chunked body streams', async () => {
    const body = subscribeBody();
    const { connection } = await open(
      Buffer.from(
        `POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ),
    );
    expect(String(await connection.readChunk(timeoutMs))).toContain('SUBSCRIBED');
    connection.close();
  });

  test.each(['application/json', 'application/x-protobuf'])(
    'S6: the answer to SUBSCRIBE has exactly the media type %s',
    async (accept) => {
      const { connection, head } = await open(
        postBytes('/api/v1/scheduler', { ...json, Accept: accept }, subscribeBody()),
      );
      expect(header(head, 'content-type')).toBe(accept);
      connection.close();
    },
  );

  test('S7: a stream that must end says ERROR first', async () => {
    const client = await subscribed({ failover_timeout: 10 });
    const again = await open(
      postBytes(
        '/api/v1/scheduler',
        json,
        JSON.stringify({
          ...JSON.parse(subscribeBody({ failover_timeout: 10, id: client.framework_id })),
          framework_id: client.framework_id,
        }),
      ),
    );
    await client.stream.waitFor(() => false, timeoutMs);
    expect(client.events().at(-1).type).toBe('ERROR');
    expect(client.stream.closed).toBe('last-chunk');
    again.connection.close();
  });

  test('S8: a request may arrive byte by byte', async () => {
    const connection = await openRaw(master.port);
    for (const byte of postBytes('/api/v1/scheduler', json, subscribeBody()))
      connection.send(Buffer.of(byte));
    expect((await connection.readHead(timeoutMs)).status).toBe(200);
    connection.close();
  });
});

describe('requests', () => {
  test('R1: null is unset, a bare value is one element', async () => {
    const client = await subscribed({ roles: 'x', capabilities: { type: 'MULTI_ROLE' }, id: null });
    const offers = await client.waitForEvent('OFFERS');
    expect(offers.offers.offers[0].allocation_info).toEqual({ role: 'x' });
    client.stream.close();
  });

  test('R2: numbers may be texts or have exponents; an unknown optional enum name is dropped', async () => {
    const client = await subscribed({
      failover_timeout: '1.5',
      capabilities: [{ type: 'NO_SUCH_CAPABILITY' }],
    });
    await client.waitForEvent('OFFERS');
    const answer = await client.call({
      type: 'SUPPRESS',
      suppress: {},
      decline: { offer_ids: [], filters: { refuse_seconds: '3.6e+06' } },
    });
    expect(answer.status).toBe(202);
    client.stream.close();
  });

  test('R3: longest prefix and trailing slashes', async () => {
    const statuses = async (port: number, paths: string[]) =>
      Promise.all(paths.map(async (p) => (await get(port, p)).status));
    expect(
      await statuses(master.port, ['/master/frameworks/', '/tasks/?task_id=x', '/slaves/some-id']),
    ).toEqual([200, 200, 200]);
    for (const path of ['/api/v1/', '/api/v1/operator', '/api/v1/scheduler/'])
      expect((await get(master.port, path)).status).toBe(405);
  });

  test('R4: aliases of processes, and the shape of pids', async () => {
    for (const path of ['/slave(1)/state', '/slave/state', '/state'])
      expect((await get(agent.port, path)).status).toBe(200);
    expect(JSON.parse((await get(agent.port, '/state')).text).pid).toBe(
      `slave(1)@127.0.0.1:${agent.port}`,
    );
    expect(JSON.parse((await get(master.port, '/master/state')).text).pid).toBe(
      `master@127.0.0.1:${master.port}`,
    );
  });

  test('R5: read-only endpoints also answer POST', async () => {
    for (const path of [
      '/state',
      '/slaves',
      '/frameworks',
      '/tasks',
      '/roles',
      '/metrics/snapshot',
    ])
      expect((await get(master.port, path, 'POST')).status).toBe(200);
  });

  test('R6: limit=-1 means all', async () => {
    expect((await get(master.port, '/tasks?limit=-1')).status).toBe(200);
  });

  test('R7: calls answer 202, UPDATE_FRAMEWORK 200', async () => {
    const client = await subscribed();
    expect((await client.call({ type: 'REVIVE' })).status).toBe(202);
    const info = { user: 'root', name: 'renamed', id: client.framework_id };
    const update = { type: 'UPDATE_FRAMEWORK', update_framework: { framework_info: info } };
    expect((await client.call(update)).status).toBe(200);
    client.stream.close();
  });

  test('R8: the old names with .json', async () => {
    const paths = ['/state.json', '/slaves.json', '/master/state.json', '/metrics/snapshot.json'];
    for (const path of paths) expect((await get(master.port, path)).status).toBe(200);
    expect((await get(agent.port, '/files/browse.json')).status).toBe(400);
  });

  test('R9: /redirect is a 307 with a scheme-relative Location', async () => {
    const answer = await get(master.port, '/redirect');
    expect([answer.status, header(answer, 'location')]).toEqual([
      307,
      `//localhost:${master.port}`,
    ]);
  });

  test('R10: jsonp on the JSON reads', async () => {
    const answer = await get(master.port, '/state?jsonp=f');
    expect(answer.text).toMatch(/^f\(\{.*\}\)$/s);
    expect(header(answer, 'content-type')).toBe('text/javascript');
  });

  test('R10: origins on the allow-list may read', async () => {
    const ask = (port: number, origin: string) =>
      exchange(port, `GET /state HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\n\r\n`);
    for (const { port } of [master, agent]) {
      const listed = await ask(port, dashboard);
      expect(header(listed, 'access-control-allow-origin')).toBe(dashboard);
      expect(header(listed, 'vary')).toBe('Origin');
      const other = await ask(port, 'http://elsewhere');
      expect(header(other, 'access-control-allow-origin')).toBeUndefined();
    }
  });

  test('R11: flags as people write them', async () => {
    const daemon = spawnDaemon('mesos-agent', 0, [
      '--no-hostname_lookup',
      '--resources=cpus(*):4',
      '--no-systemd_enable_support',
      '--nosuchflag',
    ]);
    expect(await daemon.exited).toBe(1);
    expect(daemon.output()).toContain("Failed to load unknown flag 'nosuchflag'");
  });

  test('a gzipped request body is read', async () => {
    const answer = await exchange(
      master.port,
      postBytes(
        '/api/v1',
        { ...json, 'Content-Encoding': 'gzip' },
        gzipSync('{"type":"GET_HEALTH"}'),
      ),
    );
    expect(JSON.parse(answer.text)).toEqual({ type: 'GET_HEALTH', get_health: { healthy: true } });
  });
});
