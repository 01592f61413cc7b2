import type { Result } from './result.ts';
import { err, ok } from './result.ts';

/** A number of bytes, whole. */
export type Bytes = number;

export const KILOBYTE: Bytes = 1024;
export const MEGABYTE: Bytes = 1024 ** 2;
export const GIGABYTE: Bytes = 1024 ** 3;
export const TERABYTE: Bytes = 1024 ** 4;

const UNITS: readonly (readonly [unit: string, bytes: Bytes])[] = [
  ['TB', TERABYTE],
  ['GB', GIGABYTE],
  ['MB', MEGABYTE],
  ['KB', KILOBYTE],
  ['B', 1],
];

/** `2GB`, `512mb`. A unit is required; units are powers of 1024, in any case; no fractions. */
export function parseBytes(text: string): Result<Bytes> {
  const digits = /^\d*/.exec(text)?.[0] ?? '';
  const unit = text.slice(digits.length).toUpperCase();
  if (unit === '') return err(`Invalid bytes '${text}'`);
  if (unit.startsWith('.')) return err(`Fractional bytes '${text}'`);
  if (digits === '') return err("Failed to convert '' to number");
  const factor = UNITS.find(([name]) => name === unit)?.[1];
  if (factor === undefined) return err(`Unknown bytes unit '${unit}'`);
  return ok(Number(digits) * factor);
}

/** The largest unit that loses nothing: `2GB`, `1025B`. */
export function formatBytes(bytes: Bytes): string {
  const [unit, factor] = (bytes > 0 && UNITS.find(([, size]) => bytes % size === 0)) || ['B', 1];
  return `${bytes / factor}${unit}`;
}
