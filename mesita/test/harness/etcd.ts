import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createFolder, freePort } from './cluster.ts';
import { hasProgram } from './packages.ts';
import { waitFor } from './wait.ts';

/** Skips with a line where neither there is an etcd nor can be one. */
export function hasEtcd(): boolean {
  return hasProgram('etcd', 'etcd-server');
}

export interface EtcdServer {
  /** `127.0.0.1:2379`. */
  readonly host: string;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** One real server on free ports of the loopback. */
export async function startEtcd(): Promise<EtcdServer> {
  const folder = createFolder();
  const [port, peerPort] = [await freePort(), await freePort()];
  const host = `127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  let child: ChildProcess | undefined;
  const end = () => child?.kill('SIGKILL');

  async function start(): Promise<void> {
    child = spawn(
      'etcd',
      [
        `--data-dir=${join(folder, 'data')}`,
        `--listen-client-urls=http://${host}`,
        `--advertise-client-urls=http://${host}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=default=${peer}`,
        '--unsafe-no-fsync',
      ],
      { stdio: 'ignore' },
    );
    process.once('exit', end);
    await waitFor(`etcd on ${host}`, () => isHealthy(host), {
      hopeless: () => ((child?.exitCode ?? null) === null ? undefined : 'the server has ended'),
    });
  }

  async function kill(): Promise<void> {
    const ending = child;
    process.off('exit', end);
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGCONT');
    ending.kill('SIGKILL');
    await exited;
  }

  await start();
  return {
    ...{ host, start, kill },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isHealthy(host: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}/health`, { signal: AbortSignal.timeout(500) });
    return (await answer.text()).includes('true');
  } catch {
    return false;
  }
}
