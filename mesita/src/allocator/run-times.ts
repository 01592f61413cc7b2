const KEPT = 1_000;
const PERCENTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999, p9999: 0.9999 };

/** The last durations of something, for the gauges that sum them up. */
export class RunTimes {
  readonly #name: string;
  readonly #times: number[] = [];
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(durationMs: number): void {
    this.#times[this.#count % KEPT] = durationMs;
    this.#count++;
  }

  addTo(metrics: Map<string, number>): void {
    if (this.#count === 0) return;
    const sorted = this.#times.slice().sort((a, b) => a - b);
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    metrics.set(this.#name, this.#times[(this.#count - 1) % KEPT] ?? 0);
    metrics.set(`${this.#name}/count`, sorted.length);
    metrics.set(`${this.#name}/min`, at(0));
    metrics.set(`${this.#name}/max`, at(1));
    for (const [percentile, share] of Object.entries(PERCENTILES)) {
      metrics.set(`${this.#name}/${percentile}`, at(share));
    }
  }
}
