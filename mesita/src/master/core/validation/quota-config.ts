import { ResourceLimits, ResourceQuantities, validateRole } from '@mesita/sdk/resources';
import type { Value } from '@mesita/sdk/types';
import type { QuotaConfig } from '@mesita/sdk/types/quota';
import { prefixed } from './first-error.ts';

const exabyteInMegabytes = 1024 ** 4;
const trillion = 1e12;
const leastNormal = 2 ** -1022;

type Scalars = Readonly<Record<string, Value.Scalar>>;

/** Rules for one role's quota by itself. */
export function validateQuotaConfig(config: QuotaConfig): string | undefined {
  const { role, guarantees = {}, limits = {} } = config;
  const invalid =
    prefixed("Invalid 'QuotaConfig.role'", validateRole(role)) ??
    prefixed("Invalid 'QuotaConfig.guarantees'", tooLarge(guarantees)) ??
    prefixed("Invalid 'QuotaConfig.limits'", tooLarge(limits)) ??
    invalidAmount('guarantee', guarantees) ??
    invalidAmount('limit', limits);
  if (invalid !== undefined) return invalid;
  const allowed = ResourceLimits.fromScalars(limits);
  if (allowed.allows(ResourceQuantities.fromScalars(guarantees))) return undefined;
  const texts = [guarantees, limits].map((scalars) => `{ ${list(scalars)} }`);
  return `'QuotaConfig.guarantees' ${texts[0]} is not contained within the 'QuotaConfig.limits' ${texts[1]}`;
}

function list(scalars: Scalars): string {
  return Object.entries(scalars)
    .map(([name, { value }]) => `${name}: ${value}`)
    .join(', ');
}

function tooLarge(scalars: Scalars): string | undefined {
  for (const [name, { value }] of Object.entries(scalars)) {
    const isMemory = name === 'mem' || name === 'disk';
    const most = isMemory ? exabyteInMegabytes : trillion;
    if (value <= most || Number.isNaN(value)) continue;
    const named = isMemory ? '1 exabyte' : '1 trillion';
    return `{'${name}': ${value}} is invalid: values greater than ${named} (${most}) are not supported`;
  }
  return undefined;
}

function invalidAmount(what: string, scalars: Scalars): string | undefined {
  for (const [name, { value }] of Object.entries(scalars)) {
    const reason = unusable(value);
    if (reason !== undefined) {
      return `Invalid ${what} configuration {'${name}': ${value}}: ${reason}`;
    }
  }
  return undefined;
}

function unusable(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN not supported';
  if (!Number.isFinite(value)) return 'Infinite values not supported';
  if (value < 0) return 'Negative values not supported';
  return value > 0 && value < leastNormal ? 'Subnormal values not supported' : undefined;
}
