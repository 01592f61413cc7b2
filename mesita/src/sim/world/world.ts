import type { Instant, Logger } from '@mesita/sdk/base';
import type { Checks } from '../checkers/checks.ts';
import type { Faults, Victim } from './faults.ts';
import type { Network } from './network.ts';
import type { Letter } from './post-office.ts';
import type { SeededRandom } from './random.ts';
import type { Sabotage } from './sabotage.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** How calm it is. Frameworks launch and faults happen until it heals. */
export type Weather = 'STORMY' | 'HEALING' | 'DRAINING';

export interface Counts {
  launched: number;
  finished: number;
  failed: number;
  killed: number;
  lost: number;
  masterRestarts: number;
  agentRestarts: number;
  frameworkRestarts: number;
  reboots: number;
  partitions: number;
  freezes: number;
  clockJumps: number;
  stepDowns: number;
  /** Masters that came to lead. */
  terms: number;
  brokenLinks: number;
}

/** What the processes of one simulation share. */
export interface SimulatedWorld {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly network: Network;
  /** Who takes the letters that come to a host. */
  readonly mailboxes: Map<string, (letter: Letter) => void>;
  /** The processes at their hosts. */
  readonly victims: Map<string, Victim>;
  readonly faults: Faults;
  readonly trace: Trace;
  readonly checks: Checks;
  readonly counts: Counts;
  readonly startedAt: Instant;
  /** Masters give up agents soon. */
  readonly isHasty: boolean;
  /** What is broken on purpose. */
  readonly sabotage: Sabotage | undefined;
  weather: Weather;
  /** What must end for the storm to be over. */
  readonly onCalm: (() => void)[];
  /** Promises were made: they are settled before time goes on. */
  hasPromises: boolean;
  note(who: string, what: string): void;
}

/** A process' log as lines of the trace; debug texts are left out. */
export function logOf(world: SimulatedWorld, who: string): Logger {
  const line = (text: string, fields?: object) =>
    world.note(who, fields ? `${text} ${describe(fields)}` : text);
  return { debug: () => {}, info: line, warn: line, error: line };
}

function describe(fields: object): string {
  return JSON.stringify(fields, (_, value) => (value instanceof Error ? value.message : value));
}
