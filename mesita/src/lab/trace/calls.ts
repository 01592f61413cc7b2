import type {
  Allocator,
  Quota,
  ResourceConversion,
  UnavailableResources,
} from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { MessageSchema } from '../../wire/descriptor.ts';
import { fromJson, fromJsonList, toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import * as scheduler from '../../wire/schema/scheduler.ts';
import {
  readAllocated,
  readLimits,
  readQuantities,
  writeAllocated,
  writeAmounts,
} from './resources.ts';

/** One argument of a call: its name in the trace, and how it is written and read. */
interface Argument<T = unknown> {
  readonly name: string;
  write(value: T): unknown;
  read(json: unknown): T;
}

type RecordedMethod = Exclude<
  keyof Allocator,
  'initialize' | 'inverseOfferStatuses' | 'metrics' | 'explain'
>;
type Arguments<M extends RecordedMethod> =
  Parameters<Allocator[M]> extends infer P
    ? { readonly [I in keyof P]-?: Argument<Exclude<P[I], undefined>> }
    : never;

const plain = <T = string>(name: string): Argument<T> => ({
  name,
  write: (value) => value,
  read: (json) => json as T,
});
const names = (name: string): Argument<ReadonlySet<string>> => ({
  name,
  write: (value) => [...value],
  read: (json) => new Set(json as string[]),
});
const message = <T>(name: string, schema: MessageSchema<T>): Argument<T> => ({
  name,
  write: (value) => toJson(schema, value),
  read: (json) => fromJson(schema, json),
});
const messages = <T>(name: string, schema: MessageSchema<T>): Argument<readonly T[]> => ({
  name,
  write: (value) => value.map((each) => toJson(schema, each)),
  read: (json) => fromJsonList(schema, json),
});
const resources = (name: string): Argument<Resources> => ({
  name,
  write: writeAllocated,
  read: readAllocated,
});
const used = <K extends string>(name: string): Argument<ReadonlyMap<K, Resources>> => ({
  name,
  write: (value) =>
    Object.fromEntries([...value].map(([key, each]) => [key, writeAllocated(each)])),
  read: (json) =>
    new Map(
      Object.entries(Object(json) as object).map(([key, each]) => [key as K, readAllocated(each)]),
    ),
});

const writeQuota = ({ guarantees, limits }: Quota) => ({
  guarantees: writeAmounts(guarantees),
  limits: writeAmounts(limits),
});
function readQuota(json: unknown): Quota {
  const { guarantees, limits } = Object(json) as Record<string, unknown>;
  return { guarantees: readQuantities(guarantees), limits: readLimits(limits) };
}

const options: Argument<Parameters<Allocator['updateFramework']>[2]> = {
  name: 'options',
  write: ({ suppressedRoles, offerConstraints }) => ({
    suppressed_roles: [...suppressedRoles],
    ...(offerConstraints && {
      offer_constraints: toJson(scheduler.OfferConstraints, offerConstraints),
    }),
  }),
  read(json) {
    const { suppressed_roles: roles = [], offer_constraints: constraints } = json as {
      readonly suppressed_roles?: readonly string[];
      readonly offer_constraints?: unknown;
    };
    return {
      suppressedRoles: new Set(roles),
      ...(constraints !== undefined && {
        offerConstraints: fromJson(scheduler.OfferConstraints, constraints),
      }),
    };
  },
};

const conversions: Argument<readonly ResourceConversion[]> = {
  name: 'conversions',
  write: (value) =>
    value.map(({ consumed, converted }) => ({
      consumed: writeAllocated(consumed),
      converted: writeAllocated(converted),
    })),
  read: (json) =>
    (json as readonly { consumed: unknown; converted: unknown }[]).map(
      ({ consumed, converted }) => ({
        consumed: readAllocated(consumed),
        converted: readAllocated(converted),
      }),
    ),
};

const unavailable: Argument<UnavailableResources> = {
  name: 'unavailable',
  write: (value) => ({
    resources: writeAllocated(value.resources),
    unavailability: toJson(mesos.Unavailability, value.unavailability),
  }),
  read(json) {
    const value = json as { resources: unknown; unavailability: unknown };
    return {
      resources: readAllocated(value.resources),
      unavailability: fromJson(mesos.Unavailability, value.unavailability),
    };
  },
};

const quotas: Argument<ReadonlyMap<string, Quota>> = {
  name: 'quotas',
  write: (value) =>
    Object.fromEntries([...value].map(([role, quota]) => [role, writeQuota(quota)])),
  read: (json) =>
    new Map(
      Object.entries(Object(json) as object).map(([role, quota]) => [role, readQuota(quota)]),
    ),
};

/** The calls that a trace holds, with their arguments in order. A missing call does not compile. */
const table: { readonly [M in RecordedMethod]: Arguments<M> } = {
  recover: [plain('expected_agents'), quotas],
  addFramework: [
    plain('framework'),
    message('info', mesos.FrameworkInfo),
    used('used'),
    plain('active'),
    options,
  ],
  removeFramework: [plain('framework')],
  activateFramework: [plain('framework')],
  deactivateFramework: [plain('framework')],
  updateFramework: [plain('framework'), message('info', mesos.FrameworkInfo), options],
  addAgent: [
    plain('agent'),
    message('info', mesos.AgentInfo),
    messages('capabilities', mesos.AgentInfo_Capability),
    message('unavailability', mesos.Unavailability),
    resources('total'),
    used('used'),
  ],
  removeAgent: [plain('agent')],
  updateAgent: [
    plain('agent'),
    message('info', mesos.AgentInfo),
    resources('total'),
    messages('capabilities', mesos.AgentInfo_Capability),
  ],
  addResourceProvider: [plain('agent'), resources('total'), used('used')],
  activateAgent: [plain('agent')],
  deactivateAgent: [plain('agent')],
  updateWhitelist: [names('hostnames')],
  requestResources: [plain('framework'), plain('requests')],
  updateAllocation: [plain('framework'), plain('agent'), resources('offered'), conversions],
  updateAvailable: [plain('agent'), messages('operations', mesos.Offer_Operation)],
  updateUnavailability: [plain('agent'), message('unavailability', mesos.Unavailability)],
  updateInverseOffer: [
    plain('agent'),
    plain('framework'),
    unavailable,
    plain('status'),
    message('filters', mesos.Filters),
  ],
  transitionOfferedToAllocated: [plain('agent'), resources('resources')],
  recoverResources: [
    plain('framework'),
    plain('agent'),
    resources('resources'),
    message('filters', mesos.Filters),
    plain('is_allocated'),
  ],
  suppressOffers: [plain('framework'), names('roles')],
  reviveOffers: [plain('framework'), names('roles')],
  updateQuota: [plain('role'), { name: 'quota', write: writeQuota, read: readQuota }],
  updateWeights: [messages('weights', mesos.WeightInfo)],
  pause: [],
  resume: [],
};

/** Calls by their names; each call's arguments, as a reader and a writer of traces sees them. */
export const CALLS: ReadonlyMap<string, readonly Argument[]> = new Map(
  Object.entries(table as unknown as Record<string, readonly Argument[]>),
);

export function writeArguments(method: string, values: readonly unknown[]): object {
  const written: Record<string, unknown> = {};
  for (const [i, argument] of (CALLS.get(method) ?? []).entries()) {
    if (values[i] !== undefined) written[argument.name] = argument.write(values[i]);
  }
  return written;
}

/** Throws when the line is not what it should be. */
export function readArguments(method: string, json: Readonly<Record<string, unknown>>): unknown[] {
  const known = CALLS.get(method);
  if (known === undefined) throw new Error(`unknown call '${method}'`);
  return known.map(({ name, read }) => (json[name] === undefined ? undefined : read(json[name])));
}
