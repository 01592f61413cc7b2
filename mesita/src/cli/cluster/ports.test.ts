import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { checkPort, freePorts } from './ports.ts';

test('free ports differ', async () => {
  const ports = await freePorts('127.0.0.1', 5, 0);
  expect(new Set(ports).size).toBe(5);
});

test('a port that is taken is a problem with advice', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const problem = await checkPort('127.0.0.1', port).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({
    message: `port ${port} on 127.0.0.1 is taken by another program`,
  });
  await new Promise((resolve) => server.close(resolve));
});
