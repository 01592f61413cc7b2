import type { Clock } from '@mesita/sdk/base';
import type { SeededRandom } from './random.ts';

interface InFlight {
  readonly at: number;
  readonly deliver: () => void;
}

interface Watcher {
  readonly host: string;
  readonly onBroken: () => void;
}

/** One connection: what is sent on it arrives in order, or is lost when it breaks. */
interface Connection {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly queue: InFlight[];
  watchers: Watcher[];
  isPumping: boolean;
  isBroken: boolean;
}

/**
 * Hosts, and connections between them that delay, stall in a partition, and break. A host is up
 * while a process of ours listens there.
 */
export interface Network {
  readonly dropped: number;
  /** `name` tells connections of the same two hosts apart. The first word connects. */
  send(from: string, to: string, name: string, deliver: () => void): void;
  /** `onBroken` is called once, for the party at `host`; later than the break itself. */
  watch(from: string, to: string, name: string, host: string, onBroken: () => void): void;
  /** Ends quietly after what is on its way: nobody is told. */
  finish(from: string, to: string, name: string): void;
  /** Breaks one of the open connections, if there are any. */
  breakAny(random: SeededRandom): string | undefined;
  up(host: string): void;
  /** The process there is gone, and every connection with it. */
  down(host: string): void;
  /** Cut off from all others until it heals. */
  partition(host: string): void;
  heal(host: string): void;
}

/** Mostly milliseconds; now and then a packet is lost and sent again. */
function drawLatencyMs(random: SeededRandom): number {
  return random.chance(0.002) ? random.between(200, 4000) : random.between(0.2, 8);
}

/** In a partition only silence tells, after a while. */
const noticeMs = { least: 0.1, most: 5, mostWhenCut: 60_000 };

export function createNetwork(clock: Clock, random: SeededRandom): Network {
  const wires = createWires(clock, random);
  const { alive, partitioned, connections, breakNow, isCut, open, pump } = wires;

  function touching(host: string): Connection[] {
    return [...connections.values()].filter(({ from, to }) => from === host || to === host);
  }

  return {
    get dropped() {
      return wires.dropped();
    },
    send(from, to, name, deliver) {
      const connection = open(from, to, name);
      const earliest = connection.queue.at(-1)?.at ?? 0;
      const at = Math.max(earliest, clock.now() + drawLatencyMs(random));
      connection.queue.push({ at, deliver });
      pump(connection);
    },
    watch(from, to, name, host, onBroken) {
      const connection = open(from, to, name);
      connection.watchers.push({ host, onBroken });
      if (!alive.has(to) && !isCut(from, to)) breakNow(connection);
    },
    finish(from, to, name) {
      const connection = connections.get(keyOf(from, to, name));
      if (!connection) return;
      connections.delete(connection.key);
      connection.watchers = [];
    },
    breakAny(chooser) {
      const all = [...connections];
      if (all.length === 0) return undefined;
      const [key, connection] = chooser.pick(all);
      breakNow(connection);
      return key;
    },
    up: (host) => void alive.add(host),
    down(host) {
      alive.delete(host);
      for (const connection of touching(host)) {
        connection.watchers = connection.watchers.filter((watcher) => watcher.host !== host);
        const { from, to, queue } = connection;
        // What a process sent before its end may still arrive, if nothing is in the way.
        if (from === host && alive.has(to) && !isCut(from, to) && random.chance(0.5)) {
          for (const { deliver } of queue.splice(0)) deliver();
        }
        breakNow(connection);
      }
    },
    partition: (host) => void partitioned.add(host),
    heal(host) {
      partitioned.delete(host);
      for (const connection of touching(host)) {
        if (random.chance(0.5)) breakNow(connection);
        else pump(connection);
      }
    },
  };
}

function keyOf(from: string, to: string, name: string): string {
  return `${from} ${to} ${name}`;
}

/** The open connections, and what moves on them. */
function createWires(clock: Clock, random: SeededRandom) {
  const connections = new Map<string, Connection>();
  const alive = new Set<string>();
  const partitioned = new Set<string>();
  let dropped = 0;

  function isCut(a: string, b: string): boolean {
    return a !== b && (partitioned.has(a) || partitioned.has(b));
  }

  function open(from: string, to: string, name: string): Connection {
    const key = keyOf(from, to, name);
    const known = connections.get(key);
    if (known) return known;
    const made = { key, from, to, queue: [], watchers: [], isPumping: false, isBroken: false };
    connections.set(key, made);
    return made;
  }

  function pump(connection: Connection): void {
    const [first] = connection.queue;
    if (!first || connection.isPumping) return;
    connection.isPumping = true;
    clock.setTimer(first.at - clock.now(), () => {
      connection.isPumping = false;
      if (connection.isBroken || isCut(connection.from, connection.to)) return;
      if (!alive.has(connection.to)) {
        breakNow(connection);
        return;
      }
      connection.queue.shift();
      first.deliver();
      pump(connection);
    });
  }

  function breakNow(connection: Connection): void {
    if (connection.isBroken) return;
    connection.isBroken = true;
    if (connections.get(connection.key) === connection) connections.delete(connection.key);
    dropped += connection.queue.length;
    connection.queue.length = 0;
    const cut = isCut(connection.from, connection.to);
    const worstMs = cut ? noticeMs.mostWhenCut : noticeMs.most;
    for (const { onBroken } of connection.watchers.splice(0)) {
      clock.setTimer(random.between(noticeMs.least, worstMs), onBroken);
    }
  }

  return { connections, alive, partitioned, isCut, open, pump, breakNow, dropped: () => dropped };
}
