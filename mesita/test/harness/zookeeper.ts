import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createFolder, freePort } from './cluster.ts';
import { hasProgram } from './packages.ts';
import {
  createServerProcess,
  type Ensemble,
  type ServerProcess,
  startEnsemble,
} from './server-process.ts';

const JAR = '/usr/share/java/zookeeper.jar';

/** Skips with a line where neither there is a ZooKeeper nor can be one. */
export function hasZooKeeper(): boolean {
  return existsSync(JAR) || (hasProgram('zooinspector', 'zookeeper') && existsSync(JAR));
}

/** Real servers on free ports of the loopback, with sessions of 400 ms and longer. */
export async function startZooKeeper(count = 1): Promise<Ensemble> {
  const folder = createFolder();
  const ports: number[][] = [];
  for (let i = 0; i < count; i++) {
    ports.push([await freePort(), await freePort(), await freePort()]);
  }
  const peers = ports
    .map(([, peer, election], i) => `server.${i + 1}=127.0.0.1:${peer}:${election}\n`)
    .join('');
  const servers = ports.map(([port = 0], index) => {
    const home = join(folder, String(index + 1));
    mkdirSync(home);
    writeFileSync(join(home, 'myid'), String(index + 1));
    writeFileSync(
      join(home, 'zoo.cfg'),
      `tickTime=200\ninitLimit=50\nsyncLimit=10\ndataDir=${home}\nclientPortAddress=127.0.0.1\n` +
        `clientPort=${port}\nadmin.enableServer=false\n4lw.commands.whitelist=srvr\n` +
        `maxSessionTimeout=60000\nforceSync=no\n${count > 1 ? peers : ''}`,
    );
    return createServer(home, port);
  });
  const hosts = ports.map(([port]) => `127.0.0.1:${port}`).join(',');
  return startEnsemble(servers, hosts, folder);
}

function createServer(home: string, port: number): ServerProcess {
  const memory = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  const command = ['java', ...memory, '-cp', JAR, main, join(home, 'zoo.cfg')] as const;
  return createServerProcess(`ZooKeeper on port ${port}`, command, () => isServing(port));
}

/** Of an ensemble only once it has a leader. */
function isServing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
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
