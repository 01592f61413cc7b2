const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** A number from outside that is to become an amount of something. */
export function validateScalarInput(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN not supported';
  if (!Number.isFinite(value)) return 'Infinite values not supported';
  if (value !== 0 && Math.abs(value) < SMALLEST_NORMAL) return 'Subnormal values not supported';
  return value < 0 ? 'Negative values not supported' : undefined;
}
