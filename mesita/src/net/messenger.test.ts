import { createServer as createTcpServer } from 'node:net';
import type { Pid } from '@mesita/sdk/base';
import { afterEach, expect, test } from 'vitest';
import type { HttpProcess, ReceivedMessage } from './http.ts';
import { createMessenger, type Messenger } from './messenger.ts';
import { createServer, type Server } from './server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const self = { ip: '127.0.0.1', port: 5050 };
let server: Server | undefined;
let messenger: Messenger | undefined;

afterEach(async () => {
  messenger?.close();
  await server?.close();
});

function collect(count: number) {
  const messages: ReceivedMessage[] = [];
  let done: (messages: ReceivedMessage[]) => void;
  const all = new Promise<ReceivedMessage[]>((resolve) => {
    done = resolve;
  });
  const process: HttpProcess = {
    id: 'slave(1)',
    routes: [],
    receive(message) {
      messages.push(message);
      if (messages.length === count) done(messages);
    },
  };
  return { process, all };
}

test('messages arrive in order, empty ones too, and nobody waits for answers', async () => {
  const { process, all } = collect(200);
  server = createServer({ processes: [process], log, requirePeerAddressMatch: true });
  const { port } = await server.listen('127.0.0.1', 0);
  messenger = createMessenger({ self, log });
  for (let index = 0; index < 200; index++) {
    const body = Buffer.alloc(index % 3 === 0 ? 0 : index * 100, index);
    messenger.send(`slave(1)@127.0.0.1:${port}` as Pid, 'master', `m.${index}`, body);
  }
  const messages = await all;
  expect(messages.map(({ name }) => name)).toEqual(messages.map((_, index) => `m.${index}`));
  expect(messages.map(({ body }) => body.length)).toEqual(
    messages.map((_, index) => (index % 3 === 0 ? 0 : index * 100)),
  );
  expect(messages[0]!.from).toBe('master@127.0.0.1:5050');
});

test('a broken connection is told once, and the next message connects anew', async () => {
  const first = collect(1);
  const exits: string[] = [];
  let exited: () => void;
  const gone = new Promise<void>((resolve) => {
    exited = resolve;
  });
  server = createServer({ processes: [first.process], log });
  const { port } = await server.listen('127.0.0.1', 0);
  const to = `slave(1)@127.0.0.1:${port}` as Pid;
  messenger = createMessenger({
    self,
    log,
    onExited(address) {
      exits.push(address);
      exited();
    },
  });
  messenger.send(to, 'master', 'one', new Uint8Array());
  await first.all;
  await server.close();
  await gone;
  expect(exits).toEqual([`127.0.0.1:${port}`]);

  const second = collect(1);
  server = createServer({ processes: [second.process], log });
  await server.listen('127.0.0.1', port);
  messenger.send(to, 'master', 'two', new Uint8Array());
  expect((await second.all)[0]!.name).toBe('two');
});

test('a link to nobody, and a peer that does not read, end as exited', async () => {
  const silent = createTcpServer((socket) => socket.pause());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const exits: string[] = [];
  let exited: () => void = () => {};
  const next = () =>
    new Promise<void>((resolve) => {
      exited = resolve;
    });
  messenger = createMessenger({
    self,
    log,
    maxQueuedBytes: 1000,
    onExited(address) {
      exits.push(address);
      exited();
    },
  });
  const full = next();
  messenger.send(`x@127.0.0.1:${port}` as Pid, 'master', 'big', Buffer.alloc(2000));
  await full;
  await new Promise<void>((resolve) => silent.close(() => resolve()));
  const refused = next();
  messenger.link(`x@127.0.0.1:${port}` as Pid);
  await refused;
  expect(exits).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
  messenger.send('@0.0.0.0:0' as Pid, 'master', 'nobody', new Uint8Array());
});

test('what was sent just before the end still leaves', async () => {
  const names: string[] = [];
  let heard: () => void = () => {};
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  const process: HttpProcess = {
    id: 'slave(1)',
    routes: [],
    receive({ name }) {
      names.push(name);
      heard();
    },
  };
  server = createServer({ processes: [process], log, requirePeerAddressMatch: true });
  const { port } = await server.listen('127.0.0.1', 0);
  messenger = createMessenger({ self, log });
  const to = `slave(1)@127.0.0.1:${port}` as Pid;
  const first = next();
  messenger.send(to, 'master', 'first', new Uint8Array());
  await first;
  const last = next();
  messenger.send(to, 'master', 'last', new Uint8Array());
  messenger.close();
  await last;
  expect(names).toEqual(['first', 'last']);
});
