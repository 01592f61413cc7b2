import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createFolder, freePort } from './cluster.ts';
import type { Place } from './network.ts';
import { hasProgram } from './packages.ts';
import {
  createServerProcess,
  type Ensemble,
  loopback,
  type ServerProcess,
  startEnsemble,
} from './server-process.ts';

const JAR = '/usr/share/java/zookeeper.jar';

/** Skips with a line where neither there is a ZooKeeper nor can be one. */
export function hasZooKeeper(): boolean {
  return existsSync(JAR) || (hasProgram('zooinspector', 'zookeeper') && existsSync(JAR));
}

/** Real servers on free ports, of the loopback or of other places, with sessions of 400 ms and longer. */
export async function startZooKeeper(
  count = 1,
  places: readonly Place[] = loopback(count),
  heapMegabytes = 128,
): Promise<Ensemble> {
  const folder = createFolder();
  const members: { place: Place; ports: number[] }[] = [];
  for (const place of places) {
    members.push({ place, ports: [await freePort(), await freePort(), await freePort()] });
  }
  const peers = members
    .map(
      ({ place, ports: [, peer, election] }, i) =>
        `server.${i + 1}=${place.host}:${peer}:${election}\n`,
    )
    .join('');
  const servers = members.map(({ place, ports: [port = 0] }, index) => {
    const home = join(folder, String(index + 1));
    mkdirSync(home);
    writeFileSync(join(home, 'myid'), String(index + 1));
    writeFileSync(
      join(home, 'zoo.cfg'),
      `tickTime=200\ninitLimit=50\nsyncLimit=10\ndataDir=${home}\nclientPortAddress=${place.host}\n` +
        `clientPort=${port}\nadmin.enableServer=false\n4lw.commands.whitelist=srvr\n` +
        `maxSessionTimeout=60000\nforceSync=no\n${places.length > 1 ? peers : ''}`,
    );
    return createServer(home, place, port, heapMegabytes);
  });
  const hosts = members.map(({ place, ports: [port] }) => `${place.host}:${port}`).join(',');
  return startEnsemble(servers, hosts, folder);
}

function createServer(
  home: string,
  { host, prefix }: Place,
  port: number,
  heapMegabytes: number,
): ServerProcess {
  const memory = [`-Xmx${heapMegabytes}m`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  const command = [...prefix, 'java', ...memory, '-cp', JAR, main, join(home, 'zoo.cfg')];
  return createServerProcess(`ZooKeeper on port ${port}`, command, () => isServing(host, port));
}

/** Of an ensemble only once it has a leader. */
function isServing(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.setTimeout(500, () => socket.destroy());
    let text = '';
    socket.on('connect', () => socket.write('srvr'));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(/^Mode: /m.test(text)));
  });
}
