// Rounds after rounds, chosen by a seed.
import { randomUUID } from 'node:crypto';
import { defaultLauncher } from '../../src/containerizer/launchers.ts';
import { createRandom } from '../../src/sim/world/random.ts';
import { createCluster, freePort } from '../harness/cluster.ts';
import { removeRootGroups } from '../harness/hierarchies.ts';
import { killPoints } from './points.ts';
import { type Outcome, playRound, type Round, type World } from './round.ts';

/** Every point comes before any comes again; numbers of containers and passages are drawn. */
export function planRounds(seed: number, rounds: number): Round[] {
  const random = createRandom(`kills/${seed}`);
  const plan: Round[] = [];
  while (plan.length < rounds) {
    const left = [...killPoints];
    while (left.length > 0 && plan.length < rounds) {
      const [point] = left.splice(random.index(left.length), 1);
      const containers = random.pick([1, 1, 5, 5, 5, 50]);
      const often = point?.life === 'any' ? Math.ceil(containers / 2) : Math.ceil(containers / 6);
      const passage = 1 + random.index(often);
      if (point) plan.push({ number: plan.length, point, passage, containers });
    }
  }
  return plan;
}

export function describeRound({ number, point, passage, containers }: Round): string {
  return `round ${number}: ${point.name} #${passage}, ${containers} containers`;
}

/** Calls back after each round, and goes on while that answers true. */
export async function playRounds(
  rounds: readonly Round[],
  played: (round: Round, outcome: Outcome) => boolean,
): Promise<void> {
  const cluster = createCluster();
  const cgroups = `mesita-kills-${randomUUID().slice(0, 8)}`;
  try {
    const master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=20ms');
    const world: World = {
      cluster,
      master,
      port: await freePort(),
      launcher: defaultLauncher({}),
      cgroups,
    };
    for (const round of rounds) if (!played(round, await playRound(world, round))) return;
  } finally {
    await cluster.stop();
    removeRootGroups(cgroups);
  }
}
