import type { SimulatedWorld } from '../world/world.ts';
import { electionAddress, serverHosts } from './address.ts';
import type { Identity } from './contact.ts';
import { createQuorum, type Quorum } from './quorum.ts';
import { type Attendance, createServer, type Server } from './server.ts';
import { createStoredRegistry, type StoredRegistry } from './stored-registry.ts';

/** Three servers that agree: changes are linearizable, reads may be of a moment ago. */
export interface Ensemble {
  /** The truth, for checkers. */
  readonly quorum: Quorum;
  readonly registry: StoredRegistry;
  /** What the first candidate, who leads, says of itself. */
  leader(): Uint8Array | undefined;
  attend(
    server: string,
    identity: Identity,
    timeoutMs: number,
    hangUp: () => void,
  ): { readonly attendance: Attendance; readonly id: bigint } | 'EXPIRED' | undefined;
  nextConnection(): number;
  /** A server stops, and goes on. Without two of three nothing is decided. */
  stop(host: string): void;
  start(host: string): void;
}

export function createEnsemble(world: SimulatedWorld): Ensemble {
  const { timeline, network } = world;
  const stopped = new Set<string>();
  const quorum = createQuorum(timeline, (entry) => {
    registry.decided(entry);
    world.checks.leadership.wrote(registry.epoch);
    for (const server of servers.values()) server.learn(entry);
  });
  const registry = createStoredRegistry(() => quorum.tree);
  const servers = new Map(serverHosts.map((host) => [host, serverAt(host)] as const));
  let connections = 0;

  function serverAt(host: string): Server {
    const random = world.random.fork(`ensemble/${host}`);
    network.up(host, (act) => act());
    return createServer({ world, quorum, host, random, isMember: () => isMember(host) });
  }

  function isMember(host: string): boolean {
    if (quorum.isPaused || stopped.has(host)) return false;
    const others = serverHosts.filter((other) => other !== host && !stopped.has(other));
    return others.some((other) => !network.isCut(host, other) && !network.isCut(other, host));
  }

  /** Somebody came or went. */
  function settle(): void {
    const hasMajority = stopped.size < 2;
    if (quorum.isPaused && hasMajority) quorum.resume();
    else if (!quorum.isPaused && !hasMajority) quorum.pause();
  }

  return {
    quorum,
    registry,
    leader() {
      const [first] = [...(quorum.tree.get(electionAddress.path)?.children ?? [])]
        .filter((name) => name.startsWith('json.info_'))
        .sort();
      return first === undefined
        ? undefined
        : quorum.tree.get(`${electionAddress.path}/${first}`)?.data;
    },
    attend(server, { id: known, seen, host }, timeoutMs, hangUp) {
      const attended = servers.get(server);
      if (!attended || !isMember(server)) return undefined;
      const id = known === 0n ? quorum.openSession(timeoutMs) : known;
      const found = attended.attend({ session: id, host, hangUp }, seen);
      return found === 'EXPIRED' || found === undefined ? found : { attendance: found, id };
    },
    nextConnection: () => ++connections,
    stop(host) {
      stopped.add(host);
      settle();
    },
    start(host) {
      stopped.delete(host);
      settle();
    },
  };
}
