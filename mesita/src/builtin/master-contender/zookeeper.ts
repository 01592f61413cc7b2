// Contends with an ephemeral, sequential node, as Mesos does: masters of both stand in one election.
import {
  type Candidacy,
  defineModule,
  type MasterContender,
  type ModuleContext,
} from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { type ElectionUrl, readElectionUrl } from '../../wire/election-url.ts';
import { stringify } from '../../wire/json.ts';
import { MasterInfo as masterInfoSchema } from '../../wire/schema/mesos.ts';
import {
  type Connect,
  connectZooKeeper,
  createPath,
  isCode,
  type ZooKeeper,
  type ZooKeeperOptions,
} from '../../zookeeper/client.ts';
import { aclOf } from '../../zookeeper/records.ts';
import { JSON_LABEL, zookeeperParameters } from '../zookeeper-election.ts';

export const zookeeperContender = defineModule({
  kind: 'MasterContender',
  name: 'zookeeper',
  description: 'Stands for election in ZooKeeper, beside masters of Mesos',
  parameters: zookeeperParameters,
  create: (context, { url, session_timeout: timeoutMs }) =>
    contendInZooKeeper({ ...context, address: readElectionUrl(url), timeoutMs }),
});

export function contendInZooKeeper(
  options: ZooKeeperOptions,
  connect: Connect = connectZooKeeper,
): MasterContender {
  let self: MasterInfo | undefined;
  let zookeeper: ZooKeeper | undefined;
  return {
    initialize(info) {
      self = info;
    },
    async contend() {
      if (!self) throw new Error('Initialize the contender first');
      await zookeeper?.close();
      zookeeper = connect(options);
      return enter(zookeeper, options.address, self, options.log);
    },
    async withdraw() {
      await zookeeper?.close();
    },
  };
}

/**
 * Ends the session when it is not known whether the node was made: its end takes the node away, and
 * the master contends again.
 */
async function enter(
  zookeeper: ZooKeeper,
  address: ElectionUrl,
  self: MasterInfo,
  log: ModuleContext['log'],
): Promise<Candidacy> {
  const acl = aclOf(address);
  try {
    await createPath(zookeeper, address.path, acl);
    const content = Buffer.from(stringify(masterInfoSchema, self));
    const options = { acl, isEphemeral: true, isSequential: true };
    const path = await zookeeper.create(`${address.path}/${JSON_LABEL}_`, content, options);
    const stat = await zookeeper.exists(path);
    log.info('entered the election', { path });
    return {
      lost: watch(zookeeper, path),
      epoch: Number(stat?.createdBy ?? 0),
      isHeld: () => zookeeper.isAlive(),
    };
  } catch (error) {
    await zookeeper.close();
    throw new Error('Failed to contend for leadership in ZooKeeper', { cause: error });
  }
}

/** Resolves when the node, or the session that holds it, is gone. */
async function watch(zookeeper: ZooKeeper, path: string): Promise<void> {
  for (;;) {
    let tell = () => {};
    const changed = new Promise<void>((resolve) => {
      tell = resolve;
    });
    try {
      if (!(await zookeeper.exists(path, tell))) return;
    } catch (error) {
      if (!isCode(error, 'CONNECTION_LOSS')) return;
      continue;
    }
    await changed;
  }
}
