import { createServer } from 'node:net';
import { Problem } from '../problem.ts';

/**
 * Ports nobody listens on, all different: they are held together before they are let go. Those from
 * `preferred` on when they are free, whatever is free otherwise.
 */
export async function freePorts(
  host: string,
  count: number,
  preferred: number,
): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const wish = preferred === 0 ? 0 : preferred + index;
      return listen(host, wish > 65_535 ? 0 : wish).catch(() => listen(host, 0));
    }),
  );
  const ports = servers.map((server) => server.port);
  await Promise.all(servers.map((server) => server.close()));
  return ports;
}

/** Throws a Problem when the port cannot be had. */
export async function checkPort(host: string, port: number): Promise<void> {
  try {
    const server = await listen(host, port);
    await server.close();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new Problem(
        `port ${port} on ${host} is taken by another program`,
        'Stop that program, or choose another port with --port=<port> (0 takes a free one).',
      );
    }
    if (code === 'EACCES') {
      throw new Problem(
        `port ${port} is for root only`,
        'Choose one above 1023 with --port=<port>.',
      );
    }
    throw new Problem(`cannot listen on ${host}:${port}: ${message}`);
  }
}

function listen(host: string, port: number): Promise<{ port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}
