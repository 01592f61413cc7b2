/** One figure: what, how much, and what it stands beside. */
export function print(what: string, figure: string, beside: string): void {
  process.stdout.write(`  ${what.padEnd(50)} ${figure.padEnd(44)} (${beside})\n`);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100));
  return Math.round((sorted[at] ?? Number.NaN) * 10) / 10;
}
