import { createEnsemble, type Ensemble } from './ensemble/ensemble.ts';
import type { AgentProcess } from './processes/agent.ts';
import { type AgentSlot, createAgentSlot } from './processes/agent-slot.ts';
import { type Framework, startFramework } from './processes/framework.ts';
import type { MasterProcess } from './processes/master.ts';
import { createMasterSlot } from './processes/master-slot.ts';
import { personalityOf } from './processes/personality.ts';
import { createElectedSeat, createLonelySeat, type Seat } from './processes/seat.ts';
import { createRegistryDisk } from './world/registry-disk.ts';
import { bringTrouble } from './world/trouble.ts';
import type { SimulatedWorld } from './world/world.ts';

export interface Cluster {
  readonly masters: readonly MasterProcess[];
  /** The one that leads, as the truth is. */
  readonly master: MasterProcess | undefined;
  readonly seat: Seat;
  readonly agents: readonly AgentProcess[];
  readonly frameworks: readonly Framework[];
}

interface Size {
  readonly masters: number;
  readonly agents: number;
  readonly frameworks: number;
}

/** Masters, their agents and frameworks, and whoever starts them again when they end. */
export function createCluster(world: SimulatedWorld, size: Size): Cluster {
  const masterHosts = Array.from({ length: size.masters }, (_, at) => `10.0.0.${at + 1}:5050`);
  const ensemble = size.masters > 1 ? createEnsemble(world) : undefined;
  const seat = seatOf(world, ensemble, masterHosts, () => slots[0]?.master?.id);
  let generation = 0;
  const slots = masterHosts.map((host) =>
    createMasterSlot({ world, host, seat, nextGeneration: () => generation++ }),
  );
  const agentSlots = Array.from({ length: size.agents }, (_, index) =>
    createAgentSlot(world, seat, index),
  );
  const frameworks = Array.from({ length: size.frameworks }, (_, index) =>
    startFramework({
      world,
      index,
      personality: personalityOf(index),
      masters: masterHosts,
      findDoor: (host) => slots.find((slot) => slot.host === host)?.master?.door,
    }),
  );
  sendTrouble(world, { slots, agentSlots, frameworks, ensemble });
  const masters = () => slots.flatMap(({ master }) => master ?? []);
  return {
    seat,
    get masters() {
      return masters();
    },
    get master() {
      const id = seat.leaderId();
      return masters().find((master) => master.id === id);
    },
    get agents() {
      return agentSlots.flatMap(({ agent }) => agent ?? []);
    },
    frameworks,
  };
}

function seatOf(
  world: SimulatedWorld,
  ensemble: Ensemble | undefined,
  [host = '']: readonly string[],
  only: () => string | undefined,
): Seat {
  if (ensemble) return createElectedSeat(world, ensemble);
  return createLonelySeat(host, createRegistryDisk(world.random.fork('registry')), only);
}

interface Parts {
  readonly slots: readonly ReturnType<typeof createMasterSlot>[];
  readonly agentSlots: readonly AgentSlot[];
  readonly frameworks: readonly Framework[];
  readonly ensemble: Ensemble | undefined;
}

function sendTrouble(world: SimulatedWorld, { slots, agentSlots, frameworks, ensemble }: Parts) {
  const bothKinds = [...slots, ...agentSlots];
  const at = (host: string) => bothKinds.find((slot) => slot.host === host);
  bringTrouble(world, {
    masters: slots.map(({ host }) => host),
    agents: agentSlots.map(({ host }) => host),
    frameworks: frameworks.map(({ host }) => host),
    kill: (host) => at(host)?.kill('killed'),
    stepDown: (host) => slots.find((slot) => slot.host === host)?.stepDown(),
    cutPower: (host) => at(host)?.cutPower(),
    jumpClock: (host, byMs) => at(host)?.jumpClock(byMs),
    stopServer: (host) => ensemble?.stop(host),
    startServer: (host) => ensemble?.start(host),
  });
}
