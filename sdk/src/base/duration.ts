import type { Result } from './result.ts';
import { err, ok } from './result.ts';

/** Milliseconds; fractions are allowed. */
export type Duration = number;

const UNITS: readonly (readonly [unit: string, nanoseconds: number])[] = [
  ['ns', 1],
  ['us', 1e3],
  ['ms', 1e6],
  ['secs', 1e9],
  ['mins', 60e9],
  ['hrs', 3600e9],
  ['days', 86_400e9],
  ['weeks', 604_800e9],
];
const MAX_NANOSECONDS = 2 ** 63;

/** `15secs`, `1.5mins`. A unit is required and there are no negative durations. */
export function parseDuration(text: string): Result<Duration> {
  const digits = /^[\d.]*/.exec(text)?.[0] ?? '';
  const unit = text.slice(digits.length);
  if (unit === '') return err(`Invalid duration '${text}'`);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(digits)) return err(`Failed to convert '${digits}' to number`);
  const factor = UNITS.find(([name]) => name === unit)?.[1];
  if (factor === undefined) return err(`Unknown duration unit '${unit}'`);
  const nanoseconds = Number(digits) * factor;
  if (nanoseconds >= MAX_NANOSECONDS) {
    return err(
      "Argument out of the range that a Duration can represent due to int64_t's size limit",
    );
  }
  return ok(Math.trunc(nanoseconds) / 1e6);
}

/** The largest unit it reaches, or the one below when only that gives a whole number: `1weeks`, `90secs`, `1.5hrs`. */
export function formatDuration(duration: Duration): string {
  const nanoseconds = Math.round(Math.abs(duration) * 1e6);
  const sign = duration < 0 && nanoseconds > 0 ? '-' : '';
  const bucket = Math.max(
    0,
    UNITS.findLastIndex(([, factor]) => nanoseconds >= factor),
  );
  const [unit, factor] = UNITS[bucket] as (typeof UNITS)[number];
  const below = UNITS[bucket - 1];
  if (below !== undefined && nanoseconds % factor !== 0 && nanoseconds % below[1] === 0) {
    return `${sign}${nanoseconds / below[1]}${below[0]}`;
  }
  return `${sign}${Number((nanoseconds / factor).toPrecision(15))}${unit}`;
}
