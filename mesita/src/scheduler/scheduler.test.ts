import type { HttpAuthenticationRequest } from '@mesita/sdk/module';
import type { Credential } from '@mesita/sdk/types';
import type { Call, Event } from '@mesita/sdk/types/scheduler';
import { afterEach, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse, HttpSink } from '../net/http.ts';
import { createServer, type Server } from '../net/server.ts';
import { parse, stringify } from '../wire/json.ts';
import * as schema from '../wire/schema/scheduler.ts';
import { CallFailed, connect, type SchedulerOptions, SubscriptionRefused } from './index.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Master {
  readonly address: string;
  readonly calls: Call[];
  readonly sinks: HttpSink[];
  readonly headers: (string | undefined)[];
}

/** A master that subscribes everybody and notes what it was told; `answer` may say otherwise. */
async function startMaster(
  answer: (call: Call, attempt: number) => HttpResponse | undefined = () => undefined,
): Promise<Master> {
  const master = {
    calls: [] as Call[],
    sinks: [] as HttpSink[],
    headers: [] as (string | undefined)[],
  };
  const handler = async (request: HttpRequest): Promise<HttpResponse> => {
    const call = parse(schema.Call, new TextDecoder().decode(await request.body()));
    master.calls.push(call);
    master.headers.push(request.headers['mesos-stream-id'] ?? request.headers.authorization);
    const special = answer(call, master.calls.length);
    if (special !== undefined) return special;
    if (call.type !== 'SUBSCRIBE') return { status: 202 };
    const body = {
      open: (sink: HttpSink) => {
        master.sinks.push(sink);
        send(sink, {
          type: 'SUBSCRIBED',
          subscribed: { frameworkId: { value: 'F' }, heartbeatIntervalSeconds: 15 },
        });
        send(sink, { type: 'HEARTBEAT' });
      },
    };
    return {
      status: 200,
      headers: { 'Mesos-Stream-Id': `S${master.sinks.length}`, 'Content-Type': 'application/json' },
      body,
    };
  };
  const routes = [{ path: '/api/v1/scheduler', handler }];
  const server = createServer({ processes: [{ id: 'master', routes }], delegate: 'master', log });
  servers.push(server);
  const { port } = await server.listen('127.0.0.1', 0);
  return { ...master, address: `127.0.0.1:${port}` };
}

function send(sink: HttpSink, event: Event) {
  const record = Buffer.from(stringify(schema.Event, event));
  sink.write(Buffer.concat([Buffer.from(`${record.length}\n`), record]));
}

function connectTo(master: string, more: Partial<SchedulerOptions> = {}) {
  const framework = { user: 'u', name: 'n' };
  return connect({ master, framework, contentType: 'json', backoffMs: 1, ...more });
}

test('subscribes, calls with the id and the stream id, and hides heartbeats', async () => {
  const master = await startMaster();
  const scheduler = connectTo(master.address, { credential: { principal: 'p', secret: 's' } });
  await expect(scheduler.call({ type: 'REVIVE' })).rejects.toThrow('there is no subscription');
  const types: unknown[] = [];
  for await (const event of scheduler.events) {
    types.push(event.type);
    if (event.type === 'SUBSCRIBED') {
      await scheduler.call({ type: 'REVIVE' });
      send(master.sinks[0]!, { type: 'OFFERS', offers: { offers: [] } });
    } else scheduler.close();
  }
  expect(types).toEqual(['SUBSCRIBED', 'OFFERS']);
  expect(master.calls[1]).toMatchObject({ type: 'REVIVE', frameworkId: { value: 'F' } });
  expect(master.headers).toEqual([`Basic ${Buffer.from('p:s').toString('base64')}`, 'S0']);
});

test('follows a redirect to the leader', async () => {
  const leader = await startMaster();
  const other = await startMaster(() => ({
    status: 307,
    headers: { Location: `//${leader.address}/api/v1/scheduler` },
  }));
  const scheduler = connectTo(other.address);
  for await (const event of scheduler.events) if (event.type === 'SUBSCRIBED') scheduler.close();
  expect([other.calls.length, leader.calls.length]).toEqual([1, 1]);
});

test('comes back with its id after the stream broke and while nobody leads', async () => {
  const master = await startMaster((_call, attempt) =>
    attempt === 2 ? { status: 503, body: 'No leader elected' } : undefined,
  );
  const reasons: string[] = [];
  const scheduler = connectTo(master.address, { onDisconnected: (reason) => reasons.push(reason) });
  let subscribed = 0;
  for await (const event of scheduler.events) {
    if (event.type !== 'SUBSCRIBED') continue;
    subscribed += 1;
    if (subscribed === 1) master.sinks[0]!.end();
    else scheduler.close();
  }
  expect(reasons).toEqual([
    expect.stringContaining('ended the subscription'),
    expect.stringContaining('503 No leader elected'),
  ]);
  expect(master.calls[2]).toMatchObject({
    frameworkId: { value: 'F' },
    subscribe: { frameworkInfo: { id: { value: 'F' } } },
  });
});

test('a refusal ends it, and so does an ERROR event', async () => {
  const refusing = await startMaster(() => ({ status: 400, body: 'bad role' }));
  const refused = connectTo(refusing.address).events[Symbol.asyncIterator]().next();
  await expect(refused).rejects.toThrow(SubscriptionRefused);

  const master = await startMaster();
  const types: unknown[] = [];
  for await (const event of connectTo(master.address).events) {
    types.push(event.type);
    if (event.type === 'SUBSCRIBED') {
      send(master.sinks[0]!, { type: 'ERROR', error: { message: 'Framework failed over' } });
    }
  }
  expect(types).toEqual(['SUBSCRIBED', 'ERROR']);
});

test('a call that is refused says why', async () => {
  const master = await startMaster((call) =>
    call.type === 'KILL' ? { status: 400, body: 'Expecting kill' } : undefined,
  );
  const scheduler = connectTo(master.address);
  for await (const event of scheduler.events) {
    if (event.type !== 'SUBSCRIBED') continue;
    const failure = await scheduler.call({ type: 'KILL' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CallFailed);
    expect(failure).toMatchObject({ message: 'KILL refused: Expecting kill', status: 400 });
    scheduler.close();
  }
});

test('the authenticatee is asked for each request, and calls keep their order', async () => {
  const master = await startMaster();
  const asked: string[] = [];
  const authenticatee = {
    scheme: 'Test',
    // The first one takes its time; it must not be overtaken.
    async authenticate({ path, headers }: HttpAuthenticationRequest, credential?: Credential) {
      const turn = asked.push(`${path} ${headers['content-type']} ${credential?.principal}`);
      if (turn === 2) await new Promise((resolve) => setTimeout(resolve, 20));
      return { Authorization: `Test ${turn}` };
    },
  };
  const credential = { principal: 'p', secret: 's' };
  const scheduler = connectTo(master.address, { authenticatee, credential });
  for await (const event of scheduler.events) {
    if (event.type !== 'SUBSCRIBED') continue;
    await Promise.all([scheduler.call({ type: 'REVIVE' }), scheduler.call({ type: 'SUPPRESS' })]);
    scheduler.close();
  }
  expect(master.calls.map(({ type }) => type)).toEqual(['SUBSCRIBE', 'REVIVE', 'SUPPRESS']);
  expect(asked).toEqual(Array(3).fill('/api/v1/scheduler application/json p'));
});

test('after a 401 the authenticatee is reset and asked once more, then the refusal counts', async () => {
  let resets = 0;
  const authenticatee = {
    scheme: 'Test',
    authenticate: () => ({}),
    reset() {
      resets += 1;
    },
  };
  const master = await startMaster((_call, attempt) =>
    attempt === 1 || attempt > 2 ? { status: 401, body: 'who are you' } : undefined,
  );
  const scheduler = connectTo(master.address, { authenticatee });
  for await (const event of scheduler.events) {
    if (event.type !== 'SUBSCRIBED') continue;
    await expect(scheduler.call({ type: 'REVIVE' })).rejects.toThrow('who are you');
    scheduler.close();
  }
  expect([resets, master.calls.length]).toEqual([2, 4]);
});

test('an authenticatee that fails costs its call, and the subscription is tried again', async () => {
  const master = await startMaster();
  const reasons: string[] = [];
  let turn = 0;
  const authenticatee = {
    scheme: 'Test',
    authenticate() {
      turn += 1;
      if (turn === 1 || turn === 3) throw new Error(`no token ${turn}`);
      return {};
    },
  };
  const scheduler = connectTo(master.address, {
    authenticatee,
    onDisconnected: (reason) => reasons.push(reason),
  });
  for await (const event of scheduler.events) {
    if (event.type !== 'SUBSCRIBED') continue;
    await expect(scheduler.call({ type: 'REVIVE' })).rejects.toThrow('did not reach the master');
    await scheduler.call({ type: 'SUPPRESS' });
    scheduler.close();
  }
  expect(reasons).toEqual(['no token 1']);
});
