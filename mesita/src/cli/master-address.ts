import type { Logger } from '@mesita/sdk/base';
import type { MasterDetector } from '@mesita/sdk/module';
import { Option } from 'commander';
import { systemRandom } from '../actor/clock.ts';
import { detectInEtcd } from '../builtin/master-detector/etcd.ts';
import { detectByHttp } from '../builtin/master-detector/http.ts';
import { detectInZooKeeper } from '../builtin/master-detector/zookeeper.ts';
import { readFile } from '../flags/read-file.ts';
import { type ElectionUrl, parseElectionUrl } from '../wire/election-url.ts';
import { Problem } from './problem.ts';

/** Of every command that asks a master. */
export function masterOption(): Option {
  return new Option(
    '--master <address>',
    'the leading master: host:port, or zk://host:port,…/path',
  ).default('127.0.0.1:5050');
}

const TIMEOUT_MS = 10_000;
const LOOK_MS = 2_000;
const ASK_MS = 200;
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * `host:port` of the master that leads: `given` itself, the leader among several between commas, or
 * who is elected where it says, as in `zk://10.0.0.1:2181/mesos`; or what is in the file of
 * `file://<path>`. Throws a Problem when nobody leads.
 */
export async function findMaster(given: string): Promise<string> {
  const text = given.startsWith('file://') ? readAddress(given.slice('file://'.length)) : given;
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

function readAddress(path: string): string {
  const file = readFile(path);
  if (file.ok) return file.value.trim();
  throw new Problem(`cannot read '${path}': ${file.error}`, 'Give --master=<host>:<port>.');
}

/** Whether anybody leads at this moment: asked of a store that has just answered. */
export async function leaderAt(address: ElectionUrl): Promise<boolean> {
  const ending = new AbortController();
  try {
    const waiting = AbortSignal.timeout(LOOK_MS);
    return (await detectAt(address, ending.signal).detect(undefined, waiting)) !== undefined;
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') return false;
    throw error;
  } finally {
    ending.abort();
  }
}

function detectorOf(text: string, signal: AbortSignal): MasterDetector | undefined {
  const url = parseElectionUrl(text);
  if (!url && text.includes(',')) {
    return detectByHttp({ masters: text.split(','), intervalMs: ASK_MS });
  }
  if (!url) return undefined;
  if (!url.ok) {
    throw new Problem(url.error, 'Give --master=zk://<host>:<port>,…/<path>, or etcd://….');
  }
  return detectAt(url.value, signal);
}

function detectAt(address: ElectionUrl, signal: AbortSignal): MasterDetector {
  const options = { address, timeoutMs: TIMEOUT_MS, random: systemRandom, log: quiet, signal };
  return address.scheme === 'zk' ? detectInZooKeeper(options) : detectInEtcd(options);
}
