/** How often a candidate decided as the acting one did, and where it did not. */
export interface Tally {
  readonly equal: number;
  readonly different: number;
  /** The latest ones, the last one last. */
  readonly differences: readonly ShadowDifference[];
  same(): void;
  differ(difference: Omit<ShadowDifference, 'at'>): void;
}

interface ShadowDifference {
  readonly at: number;
  /** What was decided on. */
  readonly subject: string;
  readonly acting: unknown;
  readonly candidate: unknown;
}

const MAX_SHOWN = 20;

export function createTally(now: () => number): Tally {
  const differences: ShadowDifference[] = [];
  let equal = 0;
  let different = 0;
  return {
    get equal() {
      return equal;
    },
    get different() {
      return different;
    },
    differences,
    same() {
      equal++;
    },
    differ(difference) {
      different++;
      differences.push({ at: now(), ...difference });
      if (differences.length > MAX_SHOWN) differences.shift();
    },
  };
}
