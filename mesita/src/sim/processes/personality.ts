import type { FrameworkInfo } from '@mesita/sdk/types';

/** What one of the scripted frameworks is like. Probabilities are per occasion. */
export interface Personality {
  readonly info: FrameworkInfo;
  readonly isJson: boolean;
  /** So many of its tasks shall run at once. */
  readonly appetite: number;
  readonly declines: number;
  readonly kills: number;
  readonly usesExecutors: number;
  /** Starts a time in which it acknowledges nothing. */
  readonly fallsSilent: number;
  readonly suppresses: number;
  readonly crashes: number;
  readonly takesOver: number;
}

type Capabilities = NonNullable<FrameworkInfo['capabilities']>;

const modern: Capabilities = [
  { type: 'MULTI_ROLE' },
  { type: 'PARTITION_AWARE' },
  { type: 'TASK_KILLING_STATE' },
  { type: 'RESERVATION_REFINEMENT' },
];

/** Takes what may be taken back. */
const borrowing: Capabilities = [...modern, { type: 'REVOCABLE_RESOURCES' }];

const calm = {
  isJson: false,
  appetite: 30,
  declines: 0.2,
  kills: 0.03,
  usesExecutors: 0.3,
  fallsSilent: 0.01,
  suppresses: 0.02,
  crashes: 0.005,
  takesOver: 0.005,
} as const;

/** Five kinds, taken in turn. */
const kinds: readonly ((name: string) => Personality)[] = [
  (name) => ({
    ...calm,
    info: describe(name, { roles: ['web', 'batch'], capabilities: borrowing }),
  }),
  // As the oldest schedulers: one role, no word of partitions.
  (name) => ({ ...calm, isJson: true, usesExecutors: 0, info: describe(name, { role: '*' }) }),
  (name) => ({
    ...calm,
    declines: 0.6,
    suppresses: 0.1,
    info: describe(name, { roles: ['web/front', 'analytics'], capabilities: modern }),
  }),
  (name) => ({
    ...calm,
    isJson: true,
    fallsSilent: 0.06,
    crashes: 0.03,
    takesOver: 0.03,
    info: describe(name, { role: 'batch', capabilities: [{ type: 'PARTITION_AWARE' }] }),
  }),
  // Its tasks do not survive their agent.
  (name) => ({
    ...calm,
    kills: 0.2,
    info: describe(name, { roles: ['analytics'], capabilities: borrowing, checkpoint: false }),
  }),
];

function describe(name: string, rest: Partial<FrameworkInfo>): FrameworkInfo {
  return { name, user: 'root', checkpoint: true, failoverTimeout: 7 * 86_400, ...rest };
}

export function personalityOf(index: number): Personality {
  const kind = kinds[index % kinds.length] as (typeof kinds)[number];
  return kind(`framework-${index}`);
}
