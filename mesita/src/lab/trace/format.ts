import type { AllocatorOptions } from '@mesita/sdk/module';
import { fromJson, toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { type ResourcesJson, readQuantities, writeAmounts } from './resources.ts';

export const TRACE_VERSION = 1;
export const TRACE_NAME = 'mesita-allocations';

/** The first line of a trace. */
export interface TraceHeader {
  readonly trace: typeof TRACE_NAME;
  readonly version: number;
  /** When the allocator was initialized: an ISO 8601 time. */
  readonly started: string;
  readonly options: AllocatorOptions;
}

/** Milliseconds since the trace began. */
interface Timed {
  readonly t: number;
}

export interface CallLine extends Timed {
  readonly call: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A run that has ended, with what it offered: framework, role, agent. */
export interface RunLine extends Timed {
  readonly run: {
    /** How long it took, where the allocator measures it. */
    readonly took_ms?: number;
    readonly offers?: Readonly<Record<string, RolesJson>>;
    /** The agents asked back, by framework. */
    readonly inverse_offers?: Readonly<Record<string, readonly string[]>>;
  };
}
type RolesJson = Readonly<Record<string, Readonly<Record<string, ResourcesJson>>>>;

export type TraceLine = CallLine | RunLine;

/** Sets become lists; what is not set is left out. */
export function writeOptions(options: AllocatorOptions): object {
  const plain = Object.entries(options).map(([name, value]) => [
    name,
    value instanceof Set ? [...value] : value,
  ]);
  return {
    ...Object.fromEntries(plain),
    minAllocatable: options.minAllocatable.map(writeAmounts),
    domain: options.domain && toJson(mesos.DomainInfo, options.domain),
  };
}

const SETS = ['fairnessExcludedResourceNames', 'corrections'];

export function readOptions(json: Readonly<Record<string, unknown>>): AllocatorOptions {
  const { minAllocatable, domain, ...rest } = json;
  const plain = Object.entries(rest).map(([name, value]) => [
    name,
    SETS.includes(name) ? new Set(value as string[]) : value,
  ]);
  return {
    ...(Object.fromEntries(plain) as AllocatorOptions),
    minAllocatable: ((minAllocatable ?? []) as unknown[]).map(readQuantities),
    ...(domain !== undefined && { domain: fromJson(mesos.DomainInfo, domain) }),
  };
}
