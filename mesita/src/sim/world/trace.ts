import { createHash } from 'node:crypto';
import type { Instant } from '@mesita/sdk/base';

const KEPT_LINES = 5000;
const STORY_LINES = 14;

/** Everything that happened, as one hash; the newest lines are kept for the story of a failure. */
export interface Trace {
  note(now: Instant, who: string, what: string): void;
  mix(bytes: Uint8Array): void;
  hash(): string;
  /** The last lines that name any of `subjects`, oldest first. */
  story(subjects: readonly string[]): string;
}

export function createTrace(start: Instant, onLine?: (line: string) => void): Trace {
  const hash = createHash('sha256');
  let lines: string[] = [];
  return {
    note(now, who, what) {
      const line = `${((now - start) / 1000).toFixed(3)}s ${who}: ${what}`;
      hash.update(line);
      onLine?.(line);
      lines.push(line);
      if (lines.length > 2 * KEPT_LINES) lines = lines.slice(-KEPT_LINES);
    },
    mix: (bytes) => void hash.update(bytes),
    hash: () => hash.copy().digest('hex').slice(0, 16),
    story(subjects) {
      const told = lines.filter((line) => subjects.some((subject) => line.includes(subject)));
      const newest = (told.length > 0 ? told : lines).slice(-2 * STORY_LINES);
      // Repetitions say nothing new.
      const textOf = (line: string) => line.slice(line.indexOf(' '));
      return newest
        .filter((line, at) => at === 0 || textOf(line) !== textOf(newest[at - 1] as string))
        .slice(-STORY_LINES)
        .join('; ');
    },
  };
}
