import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { parseListening, readListeningSockets, readSockets } from './listening-sockets.ts';

test('only sockets that listen', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
`;
  expect(parseListening(table)).toEqual([[4711, 8080]]);
});

test('our own listener is found', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const sockets = await readListeningSockets();
  const own = await readSockets(process.pid);
  expect(own.map((inode) => sockets.get(inode))).toContain(port);
  server.close();
  expect(await readSockets(2 ** 22 + 1)).toEqual([]);
});
