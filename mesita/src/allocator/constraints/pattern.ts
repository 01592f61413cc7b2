import type { Result } from '@mesita/sdk/base';
import { err, ok } from '@mesita/sdk/base';
import { RE2JS } from 're2js';

export interface PatternLimits {
  readonly maxMemoryBytes: number;
  readonly maxProgramSize: number;
}

/** A whole-text match in RE2's syntax and time: linear in the text, whatever the pattern. */
export function compilePattern(
  regex: string,
  { maxProgramSize }: PatternLimits,
): Result<(text: string) => boolean> {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(regex);
  } catch (error) {
    return err(`Failed to construct regex from pattern '${regex}': ${reasonOf(error)}`);
  }
  const size = pattern.programSize();
  if (size > maxProgramSize) {
    return err(
      `Regex '${regex}' is too complex: program size of ${size} is larger than maximum of ${maxProgramSize} allowed`,
    );
  }
  return ok((text) => pattern.matches(text));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
