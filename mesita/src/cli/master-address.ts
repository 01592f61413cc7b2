import type { Logger } from '@mesita/sdk/base';
import { systemRandom } from '../actor/clock.ts';
import { detectInZooKeeper } from '../builtin/master-detector/zookeeper.ts';
import { parseZooKeeperAddress } from '../zookeeper/address.ts';
import { Problem } from './problem.ts';

const TIMEOUT_MS = 10_000;
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * `host:port` of the master that leads: `text` itself, or who is elected where it says, as in
 * `zk://10.0.0.1:2181/mesos`. Throws a Problem when nobody is.
 */
export async function findMaster(text: string): Promise<string> {
  if (!text.startsWith('zk://')) return text;
  const address = parseZooKeeperAddress(text);
  if (!address.ok) throw new Problem(address.error, 'Give --master=zk://<host>:<port>,…/<path>.');
  const ending = new AbortController();
  const detector = detectInZooKeeper({
    address: address.value,
    timeoutMs: TIMEOUT_MS,
    random: systemRandom,
    log: quiet,
    signal: ending.signal,
  });
  try {
    const leader = await detector.detect(undefined, AbortSignal.timeout(TIMEOUT_MS));
    return `${leader?.address?.ip ?? leader?.hostname}:${leader?.port}`;
  } catch (cause) {
    throw new Problem('no master leads there, or ZooKeeper cannot be reached', 'Is it running?', {
      cause,
    });
  } finally {
    ending.abort();
  }
}
