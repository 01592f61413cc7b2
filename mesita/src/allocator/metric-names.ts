const QUOTA_GAUGES = ['guarantee', 'limit', 'offered_or_allocated', 'consumed'] as const;
type QuotaGauge = (typeof QUOTA_GAUGES)[number];

/** The names of a role's metrics, made once: a snapshot of a thousand roles has twelve thousand. */
export class RoleMetricNames {
  readonly offerFilters: string;
  readonly dominantShare: string;
  readonly #quotaPrefix: string;
  readonly #quota = new Map<string, Record<QuotaGauge, string>>();

  constructor(role: string) {
    this.offerFilters = `allocator/mesos/offer_filters/roles/${role}/active`;
    this.dominantShare = `allocator/mesos/roles/${role}/shares/dominant`;
    this.#quotaPrefix = `allocator/mesos/quota/roles/${role}/resources`;
  }

  quota(resource: string): Readonly<Record<QuotaGauge, string>> {
    let names = this.#quota.get(resource);
    if (names === undefined) {
      const prefix = `${this.#quotaPrefix}/${resource}`;
      const named = QUOTA_GAUGES.map((gauge) => [gauge, `${prefix}/${gauge}`]);
      names = Object.fromEntries(named) as Record<QuotaGauge, string>;
      this.#quota.set(resource, names);
    }
    return names;
  }
}
