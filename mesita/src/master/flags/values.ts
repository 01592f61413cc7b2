import { type Duration, err, ok, parseDuration, type Result } from '@mesita/sdk/base';
import { ResourceQuantities } from '@mesita/sdk/resources';

// Flags that are text to Mesos and more to us. The texts of errors are Mesos' own.

/** `role=weight,role=weight`; with a whitelist, of its roles only. */
export function parseWeights(
  text: string,
  whitelist?: ReadonlySet<string>,
): Result<ReadonlyMap<string, number>> {
  const weights = new Map<string, number>();
  for (const token of text.split(',').filter((each) => each !== '')) {
    const [role, weight, ...extra] = token.split('=').filter((each) => each !== '');
    if (role === undefined || weight === undefined || extra.length > 0) {
      return err(
        `Invalid weight: '${token}'. --weights should be of the form 'role=weight,role=weight'`,
      );
    }
    if (whitelist !== undefined && !whitelist.has(role)) {
      return err(`Invalid weight: '${token}'. ${role} is not a valid role`);
    }
    const value = Number.parseFloat(weight);
    if (!(value > 0)) return err(`Invalid weight: '${token}'. Weights must be positive`);
    weights.set(role, value);
  }
  return ok(weights);
}

/** Alternatives between bars; empty: every offer is worth sending. */
export function parseMinAllocatable(text: string): Result<readonly ResourceQuantities[]> {
  const alternatives: ResourceQuantities[] = [];
  for (const token of text.split('|').filter((each) => each !== '')) {
    const parsed = ResourceQuantities.parse(token);
    if (!parsed.ok) {
      return err(`Error parsing min_allocatable_resources '${text}': ${parsed.error}`);
    }
    alternatives.push(parsed.value);
  }
  return ok(alternatives);
}

/** `25%` as 0.25. */
export function parsePercentage(text: string): Result<number> {
  const invalid = `Invalid value '${text}' for --recovery_agent_removal_percent_limit: `;
  if (!text.endsWith('%')) return err(`${invalid}missing '%'`);
  const digits = text.slice(0, -1);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(digits)) {
    return err(`${invalid}Failed to convert '${digits}' to number`);
  }
  const percent = Number(digits);
  if (percent < 0 || percent > 100) return err(`${invalid}Must be within [0%-100%]`);
  return ok(percent / 100);
}

interface RateLimit {
  readonly permits: number;
  readonly per: Duration;
}

/** `1/10mins`. */
export function parseRateLimit(text: string): Result<RateLimit> {
  const invalid = `Invalid agent_removal_rate_limit: ${text}. Format is <Number of agents>/<Duration>`;
  const [permits, per, ...extra] = text.split('/').filter((each) => each !== '');
  if (permits === undefined || per === undefined || extra.length > 0) return err(invalid);
  if (!/^[+-]?\d+$/.test(permits)) {
    return err(`${invalid}: Failed to convert '${permits}' to number`);
  }
  if (Number(permits) <= 0) return err(`${invalid}: the number must be positive`);
  const duration = parseDuration(per);
  if (!duration.ok) return err(`${invalid}: ${duration.error}`);
  return ok({ permits: Number(permits), per: duration.value });
}
