import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpClient } from './client.ts';
import type { HttpProcess, ReceivedMessage } from './http.ts';
import { json } from './jsonp.ts';
import { refuseMethod } from './methods.ts';
import { createRequest } from './request.ts';
import { empty, text } from './responses.ts';
import { createServer, type Server, type ServerOptions } from './server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const received: ReceivedMessage[] = [];

const master: HttpProcess = {
  id: 'master',
  routes: [
    { path: '/health', handler: () => empty(200) },
    { path: '/state', handler: (request) => json(request, `{"pad":"${'x'.repeat(2000)}"}`) },
    {
      path: '/api/v1',
      handler: async (request) =>
        refuseMethod(request.method, 'POST') ??
        text(Buffer.from(await request.body()).toString(), 200),
    },
    { path: '/slow', handler: () => slow },
    {
      path: '/stream',
      handler: () => ({
        status: 200,
        body: {
          open(sink) {
            sink.write(Buffer.from('1\na'));
            sink.write(Buffer.from('2\nbc'));
            sink.end();
          },
        },
      }),
    },
    {
      path: '/flood',
      handler: () => ({
        status: 200,
        body: {
          open(sink) {
            const chunk = Buffer.alloc(100_000);
            while (sink.write(chunk));
            flooded();
          },
        },
      }),
    },
    { path: '/bug', handler: () => Promise.reject(new Error('broken inside')) },
  ],
  receive: (message) => received.push(message),
};

let finishSlow: () => void;
let slow: Promise<ReturnType<typeof text>>;
let flooded: () => void;
let server: Server;

async function start(options: Partial<ServerOptions> = {}) {
  server = createServer({ processes: [master], delegate: 'master', log, ...options });
  return server.listen('127.0.0.1', 0);
}

/** Sends raw bytes and reads until `count` answers came or the server closed. */
async function exchange(raw: string | Buffer, { close = false } = {}): Promise<string> {
  const { port } = await start();
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => (close ? socket.end(raw) : socket.write(raw)));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

const ask = (head: string, body: string | Buffer = '') =>
  exchange(
    Buffer.concat([
      Buffer.from(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`),
      Buffer.from(body),
    ]),
  );

const statusOf = (answer: string) => answer.split('\r\n', 1)[0];
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);

afterEach(async () => {
  received.length = 0;
  await server?.close();
});

describe('raw requests', () => {
  test.each([
    ['GET health HTTP/1.1'],
    ['GET  HTTP/1.1'],
    ['FOO /health HTTP/1.1'],
    ['get /health HTTP/1.1'],
    ['hello world'],
    ['GET /health HTTP/1.1\r\nHost x'],
    ['POST /health HTTP/1.1\r\nContent-Length: abc'],
    ['GET /health?a=%zz HTTP/1.1'],
    ['POST /health HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked'],
  ])('%j is closed without an answer', async (head) => {
    expect(await exchange(`${head}\r\n\r\n`)).toBe('');
  });

  test.each([
    ['GET http://127.0.0.1 HTTP/1.1', 'HTTP/1.1 400 Bad Request'],
    ['OPTIONS * HTTP/1.1', 'HTTP/1.1 400 Bad Request'],
    ['GET http://127.0.0.1/health HTTP/1.1', 'HTTP/1.1 200 OK'],
    ['GET /health HTTP/2.0', 'HTTP/1.1 200 OK'],
    ['GET /health HTTP/1.0', 'HTTP/1.1 200 OK'],
    ['GET /health#frag HTTP/1.1', 'HTTP/1.1 200 OK'],
    ['GET /health% HTTP/1.1', 'HTTP/1.1 404 Not Found'],
    ['PROPFIND /health HTTP/1.1', 'HTTP/1.1 200 OK'],
    ['GET /bug HTTP/1.1', 'HTTP/1.1 500 Internal Server Error'],
  ])('%j answers %j', async (head, status) => {
    expect(statusOf(await ask(head))).toBe(status);
  });

  test('bare line feeds end lines', async () => {
    const answer = await exchange('GET /health HTTP/1.1\nHost: x\nConnection: close\n\n');
    expect(statusOf(answer)).toBe('HTTP/1.1 200 OK');
  });

  test('no bytes bring the server down', async () => {
    const { port } = await start();
    const seeds = [
      'GET /health HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /api/v1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'POST /master/m HTTP/1.1\r\nLibprocess-From: a@1.2.3.4:5\r\nContent-Length: 3\r\n\r\nabc',
    ];
    const requests = fc
      .record({ seed: fc.constantFrom(...seeds), at: fc.nat(120), noise: fc.uint8Array() })
      .map(({ seed, at, noise }) =>
        Buffer.concat([Buffer.from(seed.slice(0, at)), noise, Buffer.from(seed.slice(at))]),
      );
    await fc.assert(
      fc.asyncProperty(requests, async (raw) => {
        await new Promise<void>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.end(raw));
          socket.on('error', () => undefined);
          socket.on('close', () => resolve());
          socket.resume();
          setTimeout(() => socket.destroy(), 20);
        });
      }),
      { numRuns: 60 },
    );
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });

  test('HEAD carries the bytes of the body', async () => {
    expect(bodyOf(await ask('HEAD /api/v1 HTTP/1.1'))).toBe(
      "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'HEAD'.",
    );
  });

  test('pipelined answers keep the order of the requests', async () => {
    slow = new Promise((resolve) => {
      finishSlow = () => resolve(text('slow'));
    });
    const answer = exchange(
      'GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /nosuch HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    setImmediate(() => finishSlow());
    expect((await answer).match(/slow|404 Not Found\./g)).toEqual(['slow', '404 Not Found.']);
  });
});

describe('bodies', () => {
  const post = (headers: string, body: string | Buffer) =>
    ask(`POST /api/v1 HTTP/1.1\r\n${headers}`, body);

  test('a request split at every byte is served', async () => {
    const { port } = await start();
    const raw =
      'POST /api/v1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let answer = '';
    socket.on('data', (part) => {
      answer += part;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (const byte of raw) await new Promise((resolve) => socket.write(byte, resolve));
    await closed;
    expect(bodyOf(answer)).toBe('abc');
  });

  test('gzip is inflated, other encodings are taken as they are', async () => {
    const zipped = gzipSync('{"type":"GET_HEALTH"}');
    const length = `Content-Length: ${zipped.length}`;
    expect(bodyOf(await post(`Content-Encoding: gzip\r\n${length}`, zipped))).toBe(
      '{"type":"GET_HEALTH"}',
    );
    await server.close();
    expect(bodyOf(await post('Content-Encoding: br\r\nContent-Length: 2', 'ab'))).toBe('ab');
  });

  test('broken bodies answer 500', async () => {
    const cut = gzipSync('{"type":"GET_HEALTH"}').subarray(0, -4);
    const answers = [
      await post(`Content-Encoding: gzip\r\nContent-Length: ${cut.length}`, cut),
      await post('Content-Encoding: gzip\r\nContent-Length: 4', 'nope'),
      await post('Transfer-Encoding: chunked', 'zz\r\n'),
    ];
    expect(answers.map((answer) => [statusOf(answer), bodyOf(answer)])).toEqual([
      ['HTTP/1.1 500 Internal Server Error', 'Failed to decompress body'],
      ['HTTP/1.1 500 Internal Server Error', 'Failed to decode body'],
      ['HTTP/1.1 500 Internal Server Error', 'Failed to decode body'],
    ]);
  });

  test('a body above the limit answers 413', async () => {
    const { port } = await start({ limits: { maxBodyBytes: 10 } });
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1`, {
      method: 'POST',
      body: 'x'.repeat(11),
    });
    expect(answer.status).toBe(413);
  });

  test('large answers are compressed when the client allows it', async () => {
    const { port } = await start();
    const encodings = ['gzip, deflate', 'GZIP', '*', 'x-gzip', 'gzip;q=0.0', 'gzip;q=abc', ''];
    const answers = await Promise.all(
      encodings.map((encoding) =>
        fetch(`http://127.0.0.1:${port}/state`, { headers: { 'accept-encoding': encoding } }),
      ),
    );
    expect(answers.map((answer) => answer.headers.get('content-encoding'))).toEqual([
      'gzip',
      'gzip',
      'gzip',
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('streams', () => {
  test('each write is one chunk, for HTTP/1.0 too', async () => {
    const chunks = '3\r\n1\na\r\n4\r\n2\nbc\r\n0\r\n\r\n';
    expect(bodyOf(await ask('GET /stream HTTP/1.1'))).toBe(chunks);
    await server.close();
    expect(bodyOf(await ask('GET /stream HTTP/1.0'))).toBe(chunks);
  });

  test('a client that does not read is cut off', async () => {
    const { port } = await start({ limits: { maxStreamBuffer: 1_000_000 } });
    const done = new Promise<void>((resolve) => {
      flooded = resolve;
    });
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /flood HTTP/1.1\r\n\r\n'));
    socket.pause();
    await done;
    socket.destroy();
  });
});

describe('limits', () => {
  test('a head, or a body, that does not come ends the connection', async () => {
    const { port } = await start({ limits: { slowClientMs: 50 } });
    const send = (raw: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(raw));
        let answer = '';
        socket.on('data', (part) => {
          answer += part;
        });
        socket.on('close', () => resolve(answer));
      });
    const body = 'POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc';
    expect(await send(body)).toBe('');
  });

  test('a stream whose client left before it opened is told so', async () => {
    const left = new Promise<boolean>((resolve) => {
      const stream: HttpProcess = {
        id: 'late',
        routes: [
          {
            path: '/',
            handler: async ({ signal }) => {
              socket.destroy();
              await new Promise((done) => signal.addEventListener('abort', done));
              return {
                status: 200,
                body: { open: (sink) => sink.closed.then(() => resolve(sink.write(Buffer.of(1)))) },
              };
            },
          },
        ],
      };
      server = createServer({ processes: [stream], log });
      let socket: ReturnType<typeof connect>;
      void server.listen('127.0.0.1', 0).then(({ port }) => {
        socket = connect(port, '127.0.0.1', () => socket.write('GET /late HTTP/1.1\r\n\r\n'));
      });
    });
    expect(await left).toBe(false);
  });

  test('a port in use says which', async () => {
    const { port } = await start();
    const second = createServer({ processes: [], log });
    await expect(second.listen('127.0.0.1', port)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}`,
    );
  });
});

test('a unix socket serves what it is told to', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mesita-socket-'));
  const path = join(directory, 'agent.sock');
  server = createServer({ processes: [master], delegate: 'master', log });
  await server.listenOnSocket(path, (endpoint) => endpoint === '/master/health');
  const client = createHttpClient({ baseUrl: 'http://localhost', socketPath: path });
  const statuses = [await client.request('/health'), await client.request('/state')];
  expect(statuses.map(({ status }) => status)).toEqual([200, 403]);
  const message = await client.request('/master/m', {
    method: 'POST',
    headers: { 'Libprocess-From': 'master@127.0.0.1:5050' },
  });
  expect([message.status, received]).toEqual([403, []]);
  await client.close();
  await rm(directory, { recursive: true });
});

describe('libprocess messages', () => {
  const message = (path: string, body = '') =>
    ask(
      `POST ${path} HTTP/1.1\r\nLibprocess-From: slave(1)@127.0.0.1:5051\r\nContent-Length: ${body.length}`,
      body,
    );

  test('reach their process', async () => {
    expect(statusOf(await message('/master/mesos.internal.Ping', 'abc'))).toBe(
      'HTTP/1.1 202 Accepted',
    );
    expect(received).toEqual([
      {
        from: 'slave(1)@127.0.0.1:5051',
        name: 'mesos.internal.Ping',
        body: Buffer.from('abc'),
      },
    ]);
  });

  test('to nobody answer 404, without the delegate', async () => {
    expect(statusOf(await message('/nobody/mesos.internal.Ping'))).toBe('HTTP/1.1 404 Not Found');
    expect(received).toEqual([]);
  });

  test('of one connection keep their order', async () => {
    const one = (name: string) =>
      `POST /master/${name} HTTP/1.1\r\nUser-Agent: libprocess/a@127.0.0.1:1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`;
    const names = Array.from({ length: 50 }, (_, index) => `m${index}`);
    await exchange(`${names.map(one).join('')}GET /health HTTP/1.1\r\nConnection: close\r\n\r\n`);
    expect(received.map(({ name }) => name)).toEqual(names);
  });
});

describe('in memory', () => {
  const realm = 'mesos-master-readonly';
  const secret: HttpProcess = {
    id: 'files',
    routes: [{ path: '/debug', realm, handler: ({ principal }) => text(principal ?? 'nobody') }],
  };

  test('a realm asks its authenticator, and disabled endpoints answer before it', async () => {
    const memory = createServer({
      processes: [master, secret],
      delegate: 'master',
      disabledEndpoints: ['/state', '/master/health'],
      authenticate: async (_realm, request) =>
        request.headers.authorization
          ? { principal: 'ops' }
          : { refusal: { status: 401, headers: { 'WWW-Authenticate': `Basic realm="${realm}"` } } },
      log,
    });
    const get = async (path: string, headers = {}) => {
      const { status, body } = await memory.handle(createRequest(path, { headers }));
      return [status, body];
    };
    expect(await get('/files/debug')).toEqual([401, undefined]);
    expect(await get('/files/debug', { Authorization: 'x' })).toEqual([200, 'ops']);
    expect(await get('/state')).toEqual([403, "Endpoint '/master/state' is disabled"]);
    expect(await get('/health/')).toEqual([403, "Endpoint '/master/health' is disabled"]);
    expect(await get('/nosuch')).toEqual([404, '404 Not Found.']);
  });

  test('jsonp wraps without a look at the name', async () => {
    const memory = createServer({ processes: [master], delegate: 'master', log });
    const { headers, body } = await memory.handle(createRequest('/state?jsonp='));
    expect(headers).toEqual({ 'Content-Type': 'text/javascript' });
    expect(String(body)).toMatch(/^\(\{.*\}\)$/);
  });
});
