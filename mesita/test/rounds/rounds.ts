// Round after round something dies, freezes or is cut off; after each, every task is accounted for.
import { join } from 'node:path';
import { createRandom, type SeededRandom } from '../../src/sim/world/random.ts';
import { waitFor } from '../harness/wait.ts';
import { startFramework } from './counting-framework.ts';
import { faults } from './faults.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { type Machine, type Machines, type Size, startMachines } from './machines.ts';
import { settled, timeToLeader } from './observe.ts';

export interface RoundsOptions extends Size {
  readonly seed: string;
  readonly rounds: number;
  /** That stay for all rounds. */
  readonly tasks: number;
  readonly sessionMs: number;
  /** Only the faults whose names hold this. */
  readonly only: string;
}

interface Round {
  readonly fault: string;
  /** Undefined where the same one goes on leading. */
  readonly leaderMs: number | undefined;
  /** From the fault's end until all is well again: one leader, all agents, every job accounted for. */
  readonly healedMs: number;
}

export interface Outcome {
  readonly rounds: readonly Round[];
  readonly jobs: number;
  readonly updates: number;
  readonly repeatedUpdates: number;
  readonly subscriptions: number;
}

const JOBS_OF_A_ROUND = 12;

/** Throws at the first round after which something is lost, done twice or told wrongly. */
export async function runRounds(
  options: RoundsOptions,
  onRound: (round: Round, number: number) => void,
): Promise<Outcome> {
  const random = createRandom(options.seed);
  const machines = await startMachines(options);
  const ledger = createLedger(join(machines.folder, 'tasks'));
  const addresses = machines.masters.map(({ place, port }) => `${place.host}:${port}`);
  const framework = startFramework(addresses, ledger);
  for (let i = 1; i <= options.tasks; i++) ledger.addJob(`stays-${i}`, true);
  await settled(machines);
  await account(ledger, machines);
  const rounds: Round[] = [];
  let left: string[] = [];
  for (let number = 1; number <= options.rounds; number++) {
    if (left.length === 0) left = shuffled(faultNames(options.only), random);
    const name = left.pop()!;
    // What the last round did may have cost the leader its place only now.
    const leader = await settled(machines);
    const scene = { machines, leader, random, sessionMs: options.sessionMs };
    const done = new AbortController();
    const feeding = feed(ledger, number);
    const watching = timeToLeader(machines, leader, done.signal);
    void watching.then((ms) => ms !== undefined && framework.reconnect());
    await faults[name]!(scene);
    const undone = performance.now();
    await feeding;
    await settled(machines);
    done.abort();
    await account(ledger, machines);
    const round = {
      fault: name,
      leaderMs: await watching,
      healedMs: performance.now() - undone,
    };
    rounds.push(round);
    onRound(round, number);
  }
  framework.close();
  const { updates, repeatedUpdates } = ledger;
  const jobs = options.tasks + options.rounds * JOBS_OF_A_ROUND;
  return { rounds, jobs, updates, repeatedUpdates, subscriptions: framework.subscriptions };
}

function faultNames(part: string): readonly string[] {
  return Object.keys(faults).filter((name) => name.includes(part));
}

/** Work keeps coming while the fault lasts: some of it is under way when it strikes. */
async function feed(ledger: Ledger, number: number): Promise<void> {
  for (let i = 1; i <= JOBS_OF_A_ROUND; i++) {
    ledger.addJob(`round-${number}-${i}`, false);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function account(ledger: Ledger, machines: Machines): Promise<void> {
  await waitFor('every task to be where it should be', () => ledger.isQuiet(), {
    timeoutMs: 90_000,
  }).catch((error: unknown) => {
    throw new Error(failure([(error as Error).message, ...ledger.wrongs()], machines));
  });
  const wrongs = ledger.wrongs();
  if (wrongs.length > 0) throw new Error(failure(wrongs, machines));
}

function failure(lines: readonly string[], { masters, agents }: Machines): string {
  const tail = ({ name, output }: Machine) => `--- ${name}\n${output.slice(-4_000)}`;
  return [...lines, ...[...masters, ...agents].map(tail)].join('\n');
}

function shuffled<T>(list: readonly T[], random: SeededRandom): T[] {
  const rest = [...list];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(random.index(rest.length), 1));
  return result;
}
