// Scalars are kept as whole thousandths, the precision Mesos keeps: sums of fractions never drift.

/** Half away from zero at the third decimal, as Mesos rounds. */
export function toThousandths(value: number): number {
  const rounded = Math.round(Math.abs(value) * 1000);
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/** Whole part and fraction are converted apart so that the double equals the one Mesos sends. */
export function fromThousandths(thousandths: number): number {
  const whole = Math.trunc(thousandths / 1000);
  return whole + (thousandths - whole * 1000) / 1000;
}

/** At most three decimals and fifteen significant digits: `0.5`, `1024`, `1e+15`. */
export function formatThousandths(thousandths: number): string {
  const digits = fromThousandths(thousandths).toPrecision(15);
  return digits.includes('e') ? digits.replace(/\.?0*e/, 'e') : String(Number(digits));
}
