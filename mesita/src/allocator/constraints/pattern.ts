import type { Result } from '@mesita/sdk/base';
import { err, ok } from '@mesita/sdk/base';
import { RE2JS, RE2JSSyntaxException } from 're2js';

export interface PatternLimits {
  readonly maxMemoryBytes: number;
  readonly maxProgramSize: number;
}

// RE2 also counts the loop that skips to an unanchored match.
const UNANCHORED_PREFIX = 2;

/** The same faults in RE2's words. */
const REASONS: Readonly<Record<string, string>> = {
  'missing closing )': 'missing )',
  'missing closing ]': 'missing ]',
  'invalid or unsupported Perl syntax': 'invalid perl operator',
  'missing argument to repetition operator': 'no argument for repetition operator',
  'invalid nested repetition operator': 'bad repetition operator',
  'invalid repeat count': 'invalid repetition size',
  'trailing backslash at end of expression': 'trailing \\',
  'invalid named capture': 'invalid named capture group',
};

/** A whole-text match in RE2's syntax and time: linear in the text, whatever the pattern. */
export function compilePattern(
  regex: string,
  limits: PatternLimits,
): Result<(text: string) => boolean> {
  // Compiling takes memory in proportion to the pattern before any limit is looked at.
  if (regex.length > limits.maxMemoryBytes) {
    return err(
      `Failed to construct regex from pattern '${regex}': pattern too large - compile failed`,
    );
  }
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(regex);
  } catch (error) {
    return err(`Failed to construct regex from pattern '${regex}': ${reasonOf(error)}`);
  }
  const size = pattern.programSize() + UNANCHORED_PREFIX;
  if (size > limits.maxProgramSize) {
    return err(
      `Regex '${regex}' is too complex: program size of ${size} is larger than maximum of ${limits.maxProgramSize} allowed`,
    );
  }
  return ok((text) => pattern.matches(text));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof RE2JSSyntaxException)) return String(error);
  const reason = error.getDescription();
  const input = error.getPattern();
  const words = REASONS[reason] ?? reason;
  return input ? `${words}: ${input}` : words;
}
