import { type FaultPoint, faultPointNames, faultPoints, type Harm } from './fault-points.ts';
import type { SeededRandom } from './random.ts';
import type { SimulatedWorld } from './world.ts';

/** A process, as one who wants to harm it has it. */
export interface Victim {
  kill(reason: string): void;
  freeze(): void;
  thaw(): void;
  /** Absent: its machine stays up. */
  cutPower?(): void;
}

/** Strikes at the named places. */
export interface Faults {
  /** Somebody at `host` passes the point. What is not done to the process itself is answered. */
  at(point: FaultPoint | undefined, host: string): Harm | undefined;
  /** How often each was struck. */
  readonly struck: ReadonlyMap<FaultPoint, number>;
  freeze(host: string, lengthMs: number): void;
}

/** Each run has its own set of points that may strike, so that rare ones are not drowned by common ones. */
const armedShare = 0.35;

export function createFaults(
  getWorld: () => SimulatedWorld,
  random: SeededRandom,
  stormMs: number,
): Faults {
  const struck = new Map<FaultPoint, number>();
  const meanMs = Math.min(Math.max(stormMs / 3, 15_000), 20 * 60_000);
  const dueAt = new Map<FaultPoint, number>();
  for (const point of faultPointNames) {
    if (random.chance(armedShare)) dueAt.set(point, random.exponential(meanMs));
  }

  function freeze(host: string, lengthMs: number): void {
    const world = getWorld();
    const victim = world.victims.get(host);
    if (!victim) return;
    world.counts.freezes++;
    world.note(host, `freezes for ${Math.round(lengthMs)} ms`);
    victim.freeze();
    const thaw = once(() => {
      world.note(host, 'goes on');
      victim.thaw();
    });
    world.timeline.setTimer(lengthMs, thaw);
    world.onCalm.push(thaw);
  }

  function harm(point: FaultPoint, host: string): Harm | undefined {
    const world = getWorld();
    const kinds: readonly Harm[] = faultPoints[point];
    const kind = random.pick(kinds);
    const victim = world.victims.get(host);
    const isOfProcess = kind === 'kill' || kind === 'freeze' || kind === 'power';
    if (isOfProcess && !victim) return undefined;
    struck.set(point, (struck.get(point) ?? 0) + 1);
    world.note(host, `${kind} at ${point}`);
    if (kind === 'freeze') freeze(host, drawFreezeMs(random));
    else if (kind === 'kill' || (kind === 'power' && !victim?.cutPower))
      victim?.kill(`at ${point}`);
    else if (kind === 'power') victim?.cutPower?.();
    return kind;
  }

  return {
    struck,
    freeze,
    at(point, host) {
      const due = point && dueAt.get(point);
      if (due === undefined) return undefined;
      const world = getWorld();
      const elapsedMs = world.timeline.now() - world.startedAt;
      if (elapsedMs < due || world.weather !== 'STORMY') return undefined;
      dueAt.set(point as FaultPoint, elapsedMs + random.exponential(meanMs));
      return harm(point as FaultPoint, host);
    },
  };
}

/** A hiccup, or longer than any session lasts. */
export function drawFreezeMs(random: SeededRandom): number {
  return random.chance(0.5) ? random.exponential(3000) : random.between(8000, 60_000);
}

export function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
