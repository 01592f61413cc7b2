import { join } from 'node:path';
import { createFolder, freePort } from './cluster.ts';
import type { Place } from './network.ts';
import { hasProgram } from './packages.ts';
import { createServerProcess, type Ensemble, loopback, startEnsemble } from './server-process.ts';

/** Skips with a line where neither there is an etcd nor can be one. */
export function hasEtcd(): boolean {
  return hasProgram('etcd', 'etcd-server');
}

/** Real servers on free ports, of the loopback or of other places. */
export async function startEtcd(
  count = 1,
  places: readonly Place[] = loopback(count),
  flags: readonly string[] = [],
): Promise<Ensemble> {
  const folder = createFolder();
  const members: { prefix: readonly string[]; host: string; peer: string }[] = [];
  for (const { host, prefix } of places) {
    const [port, peer] = [await freePort(), await freePort()];
    members.push({ prefix, host: `${host}:${port}`, peer: `http://${host}:${peer}` });
  }
  const cluster = members.map(({ peer }, index) => `m${index}=${peer}`).join(',');
  const servers = members.map(({ prefix, host, peer }, index) =>
    createServerProcess(
      `etcd on ${host}`,
      [
        ...prefix,
        'etcd',
        `--name=m${index}`,
        `--data-dir=${join(folder, String(index))}`,
        `--listen-client-urls=http://${host}`,
        `--advertise-client-urls=http://${host}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=${cluster}`,
        '--unsafe-no-fsync',
        ...flags,
      ],
      () => isHealthy(host),
    ),
  );
  return startEnsemble(servers, members.map(({ host }) => host).join(','), folder);
}

async function isHealthy(host: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}/health`, { signal: AbortSignal.timeout(500) });
    return (await answer.text()).includes('true');
  } catch {
    return false;
  }
}
