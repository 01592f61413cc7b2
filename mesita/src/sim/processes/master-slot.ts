import type { Clocks } from '../world/life.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { type MasterProcess, startMaster } from './master.ts';
import type { Seat } from './seat.ts';

interface SlotOptions {
  readonly world: SimulatedWorld;
  readonly host: string;
  readonly seat: Seat;
  readonly nextGeneration: () => number;
}

/** A machine whose master is started again whenever it ends. */
export function createMasterSlot({ world, host, seat, nextGeneration }: SlotOptions) {
  const { timeline, counts, mailboxes } = world;
  const random = world.random.fork(`master-slot-${host}`);
  const clocks: Clocks = { offsetMs: random.between(-200, 200), rate: drawRate(random.next()) };
  const slot = {
    host,
    master: undefined as MasterProcess | undefined,
    kill,
    stepDown,
    cutPower: () => kill('the machine boots'),
    jumpClock(byMs: number) {
      clocks.offsetMs += byMs;
      world.note(host, `its clock jumps by ${Math.round(byMs)} ms`);
    },
  };

  function start(): void {
    if (slot.master) return;
    const generation = nextGeneration();
    const master = startMaster({ world, host, clocks, seat, generation, onExit: kill });
    slot.master = master;
    mailboxes.set(host, master.receive);
    const { freeze, thaw } = master;
    world.victims.set(host, { kill, freeze, thaw, cutPower: slot.cutPower });
  }

  function kill(reason: string): void {
    const { master } = slot;
    if (!master) return;
    counts.masterRestarts++;
    world.note(host, `master ${master.id.slice(-4)} ends: ${reason}`);
    slot.master = undefined;
    master.kill();
    mailboxes.delete(host);
    world.victims.delete(host);
    const downMs = random.chance(0.2)
      ? random.between(10_000, 120_000)
      : random.between(500, 10_000);
    timeline.setTimer(downMs, start);
    world.onCalm.push(() => timeline.setTimer(random.between(100, 1000), start));
  }

  function stepDown(): void {
    const { master } = slot;
    if (!master) return;
    counts.stepDowns++;
    world.note(host, 'steps down');
    master.stepDown();
    timeline.setTimer(random.between(5, 50), () => {
      if (slot.master === master) kill('stopped');
    });
  }

  timeline.setTimer(random.between(0, 2000), start);
  return slot;
}

/** Oscillators are a few millionths off. */
export function drawRate(drawn: number): number {
  return 1 + (drawn * 2 - 1) * 100e-6;
}
