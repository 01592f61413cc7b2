import type { Result } from '@mesita/sdk/base';
import { err, ok } from '@mesita/sdk/base';
import { RE2JS, RE2JSSyntaxException } from 're2js';

export interface PatternLimits {
  readonly maxMemoryBytes: number;
  readonly maxProgramSize: number;
}

// RE2 also counts the loop that skips to an unanchored match.
const UNANCHORED_PREFIX = 2;

// So many times the limit is beyond any doubt about the estimate.
const HOPELESS = 20;

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
  // Compiling takes memory and time in proportion to the program before any limit is looked at.
  const isHuge = estimateProgramSize(regex) > HOPELESS * limits.maxProgramSize;
  if (regex.length > limits.maxMemoryBytes || isHuge) {
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

/**
 * Roughly how many instructions a pattern compiles to, said before anything is compiled: what it
 * repeats is written out. Repetitions of repetitions beyond a thousand are refused as soon as they
 * are read, and count as nothing here.
 */
export function estimateProgramSize(regex: string): number {
  // Sums of the groups that are open; of the last one also its latest part, which may be repeated.
  const open: [size: number, times: number][] = [];
  let sum = 0;
  let latest = 0;
  // How often the innermost part is repeated, within the group and within its latest part.
  let most = 1;
  let latestMost = 1;
  const append = (size: number, times = 1) => {
    sum += size;
    latest = size;
    latestMost = times;
    most = Math.max(most, times);
  };
  for (let at = 0; at < regex.length; at++) {
    const rest = regex[at] === '{' ? REPETITION.exec(regex.slice(at, at + 16)) : null;
    if (rest !== null) {
      const [text, least = '0', comma, highest] = rest;
      const times = highest ? Number(highest) : Number(least) + (comma === undefined ? 0 : 1);
      sum += latest * (times - 1);
      latest *= times;
      latestMost *= Math.max(1, times);
      most = Math.max(most, latestMost);
      if (most > MOST_REPETITIONS) return 0;
      at += text.length - 1;
    } else if (regex[at] === '\\') {
      append(1);
      at++;
    } else if (regex[at] === '[') {
      append(1);
      at = endOfClass(regex, at);
    } else if (regex[at] === '(') {
      open.push([sum, most]);
      sum = 0;
      most = 1;
    } else if (regex[at] === ')') {
      const [group, times] = [sum + 2, most];
      [sum, most] = open.pop() ?? [0, 1];
      append(group, times);
    } else append(1);
  }
  return open.reduce((total, [size]) => total + size, sum);
}

// RE2's own limit.
const MOST_REPETITIONS = 1000;
const REPETITION = /^\{(\d+)(,(\d*))?\}/;

function endOfClass(regex: string, begin: number): number {
  // A bracket right at the beginning is one of the class.
  let at = regex[begin + 1] === '^' ? begin + 2 : begin + 1;
  for (at++; at < regex.length && regex[at] !== ']'; at++) if (regex[at] === '\\') at++;
  return at;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof RE2JSSyntaxException)) return String(error);
  const reason = error.getDescription();
  const input = error.getPattern();
  const words = REASONS[reason] ?? reason;
  return input ? `${words}: ${input}` : words;
}
