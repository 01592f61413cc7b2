import { defineModule, type MasterDetector, type ModuleContext } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { type ElectionUrl, readElectionUrl } from '../../wire/election-url.ts';
import { parse } from '../../wire/json.ts';
import { decode } from '../../wire/protobuf.ts';
import { MasterInfo as masterInfoSchema } from '../../wire/schema/mesos.ts';
import { type Connect, createSessions, isCode, type ZooKeeper } from '../../zookeeper/client.ts';
import { JSON_LABEL, PROTOBUF_LABEL, zookeeperParameters } from '../zookeeper-election.ts';

export const zookeeperDetector = defineModule({
  kind: 'MasterDetector',
  name: 'zookeeper',
  description: 'Reads from ZooKeeper who leads, be it a master of ours or of Mesos',
  parameters: zookeeperParameters,
  create: (context, { url, session_timeout: timeoutMs }) =>
    detectInZooKeeper({ ...context, address: readElectionUrl(url), timeoutMs }),
});

interface DetectionOptions extends Pick<ModuleContext, 'random' | 'log' | 'signal'> {
  readonly address: ElectionUrl;
  readonly timeoutMs: number;
}

/** Connects with the first `detect`; `signal` ends the connection. */
export function detectInZooKeeper(options: DetectionOptions, connect?: Connect): MasterDetector {
  const { address, signal: ending, log } = options;
  const sessions = createSessions(options, connect);
  ending.addEventListener('abort', () => void sessions.close(), { once: true });

  return {
    async detect(previous, signal) {
      for (;;) {
        signal.throwIfAborted();
        const changed = nextChange(signal);
        const leader = await Promise.race([
          look(sessions.current(), address, changed.tell, log),
          changed.aborted,
        ]);
        if (leader !== 'unknown' && leader?.id !== previous?.id) return leader;
        await changed.happened;
      }
    },
  };
}

/** `happened` resolves when told; it rejects, as `aborted` does, when nobody waits any more. */
function nextChange(signal: AbortSignal) {
  let tell = () => {};
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  const told = new Promise<void>((resolve) => {
    tell = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
  });
  signal.addEventListener('abort', stop, { once: true });
  const happened = Promise.race([told, aborted]);
  // Nobody may listen to either any more.
  for (const one of [aborted, happened]) one.catch(() => undefined);
  return { happened, aborted, tell };
}

/**
 * Who leads; undefined when nobody does, or when nobody could be asked for as long as a session
 * lasts. `tell` is called when it is worth looking again, which `unknown` asks for.
 */
async function look(
  session: ZooKeeper,
  address: ElectionUrl,
  tell: () => void,
  log: ModuleContext['log'],
): Promise<Found> {
  try {
    return await findFirst(session, address.path, tell);
  } catch (error) {
    if (isCode(error, 'CONNECTION_LOSS') || isCode(error, 'SESSION_EXPIRED')) tell();
    else throw error;
    if (isCode(error, 'CONNECTION_LOSS')) return 'unknown';
    log.warn('ZooKeeper is out of reach: nobody is taken for the leader');
    return undefined;
  }
}

type Found = MasterInfo | undefined | 'unknown';

async function findFirst(session: ZooKeeper, path: string, tell: () => void): Promise<Found> {
  try {
    const first = firstOf(await session.children(path, tell));
    if (first === undefined) return undefined;
    const { data } = await session.get(`${path}/${first.name}`);
    return readMaster(first.label, data);
  } catch (error) {
    if (!isCode(error, 'NO_NODE')) throw error;
  }
  // Nobody has ever stood, or the one who led has just gone.
  if (!(await session.exists(path, tell))) return undefined;
  tell();
  return 'unknown';
}

interface Candidate {
  readonly name: string;
  readonly label: string;
  readonly number: number;
}

/** The lowest number leads. What has another name is somebody else's: a replica of the log. */
function firstOf(names: readonly string[]): Candidate | undefined {
  return names
    .map((name) => {
      const [, label = '', digits = ''] = /^(json\.info|info)_(\d{10})$/.exec(name) ?? [];
      return { name, label, number: Number(digits) };
    })
    .filter(({ label }) => label !== '')
    .sort((a, b) => a.number - b.number)[0];
}

function readMaster(label: string, data: Buffer): MasterInfo {
  if (label === JSON_LABEL) return parse(masterInfoSchema, data.toString());
  if (label === PROTOBUF_LABEL) return decode(masterInfoSchema, data);
  throw new Error(`'${label}' is no label of a master`);
}
