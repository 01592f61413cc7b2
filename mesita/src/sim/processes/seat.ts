import type { Logger } from '@mesita/sdk/base';
import type { MasterContender } from '@mesita/sdk/module';
import {
  createStandaloneDetector,
  detectByModule,
  type MasterDetector,
} from '../../agent/driver/detector.ts';
import { contendInZooKeeper } from '../../builtin/master-contender/zookeeper.ts';
import { detectInZooKeeper } from '../../builtin/master-detector/zookeeper.ts';
import { createStandaloneElection, type Election } from '../../master/election.ts';
import type { Storage } from '../../storage/storage.ts';
import { openZooKeeperStorage } from '../../storage/zookeeper.ts';
import { parse } from '../../wire/json.ts';
import { MasterInfo } from '../../wire/schema/mesos.ts';
import { electionAddress, sessionTimeoutMs } from '../ensemble/address.ts';
import { connectSimulated } from '../ensemble/client.ts';
import type { Ensemble } from '../ensemble/ensemble.ts';
import type { Life } from '../world/life.ts';
import type { SeededRandom } from '../world/random.ts';
import type { RegistryDisk } from '../world/registry-disk.ts';
import type { SimulatedWorld } from '../world/world.ts';

interface Occupant {
  readonly host: string;
  readonly life: Life;
  readonly random: SeededRandom;
  readonly log: Logger;
}

/** What masters are elected by, and where they leave the registry: alone, or with others. */
export interface Seat {
  take(master: Occupant): { readonly election: Election; readonly store: Storage };
  /** What is stored, in truth, as the master of this epoch left it. */
  stored(epoch: number | undefined): ReadonlyMap<string, Uint8Array>;
  /** The id of the master that leads, in truth; undefined while nobody does. */
  leaderId(): string | undefined;
  /** How an agent finds who leads. */
  detector(agent: Occupant): MasterDetector;
}

/** One master, that leads as soon as it is there; its registry lies on its disk. */
export function createLonelySeat(
  host: string,
  disk: RegistryDisk,
  leaderId: () => string | undefined,
): Seat {
  const [ip = '', port] = host.split(':');
  return {
    take: ({ life }) => ({ election: createStandaloneElection(), store: disk.open(life) }),
    stored: () => disk.records,
    leaderId,
    detector: () => createStandaloneDetector({ ip, port: Number(port) }),
  };
}

/** The real contender, detector and store, over a simulated ensemble. */
export function createElectedSeat(world: SimulatedWorld, ensemble: Ensemble): Seat {
  function optionsOf({ host, life, random, log }: Occupant) {
    const { signal } = new AbortController();
    const options = { address: electionAddress, timeoutMs: sessionTimeoutMs, random, log, signal };
    const connect = connectSimulated({ world, ensemble, host, life, random });
    return { options, connect };
  }

  return {
    take(master) {
      const { options, connect } = optionsOf(master);
      const { life } = master;
      const pause = (ms: number) => new Promise<void>((resolve) => life.setTimer(ms, resolve));
      return {
        election: {
          contender: hurtBy(world, master.host, contendInZooKeeper(options, connect)),
          detector: detectInZooKeeper(options, connect),
        },
        store: openZooKeeperStorage({ ...options, connect, pause }),
      };
    },
    stored: (epoch) => ensemble.registry.recordsOf(epoch ?? 0),
    leaderId() {
      const content = ensemble.leader();
      return content && parse(MasterInfo, Buffer.from(content).toString()).id;
    },
    detector(agent) {
      const { options, connect } = optionsOf(agent);
      return detectByModule(detectInZooKeeper(options, connect));
    },
  };
}

/** Its candidate may be written down already when a master ends. */
function hurtBy(world: SimulatedWorld, host: string, contender: MasterContender): MasterContender {
  return {
    ...contender,
    async contend() {
      const candidacy = await contender.contend();
      world.faults.at('election.contend.entered', host);
      return candidacy;
    },
  };
}
