import type { Clock } from '@mesita/sdk/base';
import { type Cuts, createCuts } from './cuts.ts';
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

/** Lets a process take what has arrived for it, when it can. */
type Enter = (act: () => void) => void;

/**
 * Hosts, and connections between them that delay, stall where the network is cut, and break. A host
 * is up while a process of ours listens there.
 */
export interface Network extends Cuts {
  readonly dropped: number;
  /** `name` tells connections of the same two hosts apart. The first word connects. */
  send(from: string, to: string, name: string, deliver: () => void): void;
  /** `onBroken` is called once, for the party at `host`; later than the break itself. */
  watch(from: string, to: string, name: string, host: string, onBroken: () => void): void;
  /** Ends quietly after what is on its way: nobody is told. */
  finish(from: string, to: string, name: string): void;
  /** Ends at once; who watches hears of it. */
  break(from: string, to: string, name: string): void;
  /** Breaks one of the open connections, if there are any. */
  breakAny(random: SeededRandom): string | undefined;
  up(host: string, enter: Enter): void;
  /** The process there is gone, and every connection with it. */
  down(host: string): void;
}

/** Mostly milliseconds; now and then a packet is lost and sent again. */
function drawLatencyMs(random: SeededRandom): number {
  return random.chance(0.002) ? random.between(200, 4000) : random.between(0.2, 8);
}

/** Across a cut only silence tells, after a while. */
const noticeMs = { least: 0.1, most: 5, mostWhenCut: 60_000 };

export function createNetwork(clock: Clock, random: SeededRandom): Network {
  const cuts = createCuts(healed);
  const wires = createWires(clock, random, cuts);
  const { alive, connections, breakNow, open, pump } = wires;

  /** Half of the connections have survived. */
  function healed(isWhole: (from: string, to: string) => boolean): void {
    for (const connection of [...connections.values()]) {
      if (isWhole(connection.from, connection.to)) continue;
      if (random.chance(0.5)) breakNow(connection);
      else pump(connection);
    }
  }

  function touching(host: string): Connection[] {
    return [...connections.values()].filter(({ from, to }) => from === host || to === host);
  }

  return {
    ...cuts,
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
      if (!alive.has(to) && !cuts.isCut(from, to)) breakNow(connection);
    },
    finish(from, to, name) {
      const connection = connections.get(keyOf(from, to, name));
      if (!connection) return;
      connections.delete(connection.key);
      connection.watchers = [];
    },
    break(from, to, name) {
      const connection = connections.get(keyOf(from, to, name));
      if (connection) breakNow(connection);
    },
    breakAny(chooser) {
      const all = [...connections];
      if (all.length === 0) return undefined;
      const [key, connection] = chooser.pick(all);
      breakNow(connection);
      return key;
    },
    up: (host, enter) => void alive.set(host, enter),
    down(host) {
      alive.delete(host);
      for (const connection of touching(host)) {
        connection.watchers = connection.watchers.filter((watcher) => watcher.host !== host);
        const { from, to, queue } = connection;
        // What a process sent before its end may still arrive, if nothing is in the way.
        const enter = alive.get(to);
        if (from === host && enter && !cuts.isCut(from, to) && random.chance(0.5)) {
          for (const { deliver } of queue.splice(0)) enter(deliver);
        }
        breakNow(connection);
      }
    },
  };
}

function keyOf(from: string, to: string, name: string): string {
  return `${from} ${to} ${name}`;
}

/** The open connections, and what moves on them. */
function createWires(clock: Clock, random: SeededRandom, { isCut }: Pick<Cuts, 'isCut'>) {
  const connections = new Map<string, Connection>();
  const alive = new Map<string, Enter>();
  let dropped = 0;

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
      const enter = alive.get(connection.to);
      if (!enter) {
        breakNow(connection);
        return;
      }
      connection.queue.shift();
      enter(first.deliver);
      pump(connection);
    });
  }

  function breakNow(connection: Connection): void {
    if (connection.isBroken) return;
    connection.isBroken = true;
    if (connections.get(connection.key) === connection) connections.delete(connection.key);
    dropped += connection.queue.length;
    connection.queue.length = 0;
    const { from, to } = connection;
    const worstMs = isCut(from, to) || isCut(to, from) ? noticeMs.mostWhenCut : noticeMs.most;
    for (const { host, onBroken } of connection.watchers.splice(0)) {
      clock.setTimer(random.between(noticeMs.least, worstMs), () => alive.get(host)?.(onBroken));
    }
  }

  return { connections, alive, open, pump, breakNow, dropped: () => dropped };
}
