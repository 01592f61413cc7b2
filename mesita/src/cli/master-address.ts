import type { Logger, Result } from '@mesita/sdk/base';
import type { MasterDetector } from '@mesita/sdk/module';
import { systemRandom } from '../actor/clock.ts';
import { detectInEtcd } from '../builtin/master-detector/etcd.ts';
import { detectInZooKeeper } from '../builtin/master-detector/zookeeper.ts';
import { parseEtcdAddress } from '../etcd/address.ts';
import { parseZooKeeperAddress } from '../zookeeper/address.ts';
import { Problem } from './problem.ts';

const TIMEOUT_MS = 10_000;
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * `host:port` of the master that leads: `text` itself, or who is elected where it says, as in
 * `zk://10.0.0.1:2181/mesos`. Throws a Problem when nobody is.
 */
export async function findMaster(text: string): Promise<string> {
  const ending = new AbortController();
  const detector = detectorOf(text, ending.signal);
  if (!detector) return text;
  try {
    const leader = await detector.detect(undefined, AbortSignal.timeout(TIMEOUT_MS));
    return `${leader?.address?.ip ?? leader?.hostname}:${leader?.port}`;
  } catch (cause) {
    throw new Problem(
      'no master leads there, or the election cannot be reached',
      'Is it running?',
      {
        cause,
      },
    );
  } finally {
    ending.abort();
  }
}

function detectorOf(text: string, signal: AbortSignal): MasterDetector | undefined {
  const options = { timeoutMs: TIMEOUT_MS, random: systemRandom, log: quiet, signal };
  if (text.startsWith('zk://')) {
    return detectInZooKeeper({ ...options, address: valid(parseZooKeeperAddress(text)) });
  }
  if (!text.startsWith('etcd://')) return undefined;
  return detectInEtcd({ ...options, address: valid(parseEtcdAddress(text)) });
}

function valid<T>(address: Result<T>): T {
  if (address.ok) return address.value;
  throw new Problem(address.error, 'Give --master=zk://<host>:<port>,…/<path>, or etcd://….');
}
