import { afterEach, expect, test } from 'vitest';
import { createHttpClient, type HttpClient, isStreamAnswer } from './client.ts';
import type { HttpProcess, HttpSink } from './http.ts';
import { failure } from './responses.ts';
import { createServer, type Server } from './server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let server: Server;
let client: HttpClient;
let sink: HttpSink;

const master: HttpProcess = {
  id: 'master',
  routes: [
    {
      path: '/api/v1',
      handler: async (request) => ({ status: 202, body: await request.body() }),
    },
    {
      path: '/subscribe',
      handler: () => ({
        status: 200,
        headers: { 'Mesos-Stream-Id': 'abc' },
        body: {
          open(opened) {
            sink = opened;
            sink.write(Buffer.from('5\nhel'));
            sink.write(Buffer.from('lo0\n1\n!'));
          },
        },
      }),
    },
    { path: '/busy', handler: () => failure(503, 'No leader elected') },
  ],
};

async function start() {
  server = createServer({ processes: [master], delegate: 'master', log });
  const { port } = await server.listen('127.0.0.1', 0);
  client = createHttpClient({ baseUrl: `http://127.0.0.1:${port}/master`, timeoutMs: 5000 });
}

afterEach(async () => {
  await client.close();
  await server.close();
});

test('a call carries its body both ways', async () => {
  await start();
  const { status, body } = await client.request('/api/v1', { body: 'call' });
  expect([status, Buffer.from(body).toString()]).toEqual([202, 'call']);
});

test('a stream gives its records, whatever the chunks', async () => {
  await start();
  const answer = await client.subscribe('/subscribe', { body: '{}' });
  if (!isStreamAnswer(answer)) throw new Error('not a stream');
  expect(answer.headers['mesos-stream-id']).toBe('abc');
  const records: string[] = [];
  for await (const record of answer.records) {
    records.push(Buffer.from(record).toString());
    if (record.length === 1) sink.end();
  }
  expect(records).toEqual(['hello', '', '!']);
});

test('a stream that breaks in a record throws', async () => {
  await start();
  const answer = await client.subscribe('/subscribe');
  if (!isStreamAnswer(answer)) throw new Error('not a stream');
  const reading = (async () => {
    for await (const record of answer.records) {
      if (record.length !== 1) continue;
      sink.write(Buffer.from('9\nx'));
      sink.end();
    }
  })();
  await expect(reading).rejects.toThrow('the stream ended in the middle of a record');
});

test('closing a stream is seen by the server', async () => {
  await start();
  const answer = await client.subscribe('/subscribe');
  if (!isStreamAnswer(answer)) throw new Error('not a stream');
  answer.close();
  await sink.closed;
  expect(sink.write(Buffer.from('x'))).toBe(false);
});

test('refusals come whole; no answer is an error with its cause', async () => {
  await start();
  const answer = await client.subscribe('/busy');
  expect(answer.status).toBe(503);
  await server.close();
  await expect(client.request('/api/v1')).rejects.toThrow(/^no answer from http/);
});
