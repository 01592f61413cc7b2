import { err, ok, type Result } from '@mesita/sdk/base';
import type { MessageSchema } from '../../../wire/descriptor.ts';
import { DecodeError } from '../../../wire/errors.ts';
import { decode, encode } from '../../../wire/protobuf.ts';
import * as maintenance from '../../../wire/schema/maintenance.ts';
import * as mesos from '../../../wire/schema/mesos.ts';
import * as quota from '../../../wire/schema/quota.ts';
import * as schema from '../../../wire/schema/registry.ts';
import * as resourceProvider from '../../../wire/schema/resource-provider-registry.ts';
import {
  createRecords,
  type RecordChange,
  type RecordKind,
  type RecordTypes,
  type RegistryRecords,
} from './records.ts';
import { fromWhole } from './whole.ts';

interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

function message<T>(schemaOf: MessageSchema<T>): Codec<T> {
  return {
    encode: (value) => encode(schemaOf, value),
    decode: (bytes) => decode(schemaOf, bytes),
  };
}

const codecs: { readonly [Kind in RecordKind]: Codec<RecordTypes[Kind]> } = {
  master: message(schema.Registry_Master),
  agents: message(schema.Registry_Slave),
  unreachable: message(schema.Registry_UnreachableSlave),
  gone: message(schema.Registry_GoneSlave),
  machines: message(schema.Registry_Machine),
  schedules: message(maintenance.Schedule),
  weights: message(schema.Registry_Weight),
  quotas: message(schema.Registry_Quota),
  quotaConfigs: message(quota.QuotaConfig),
  capabilities: message(schema.Registry_MinimumCapability),
  resourceProviders: message(resourceProvider.ResourceProvider),
  removedResourceProviders: message(resourceProvider.ResourceProvider),
  frameworks: message(mesos.TimeInfo),
  unknown: { encode: (bytes) => bytes, decode: (bytes) => bytes },
};

/** A whole registry in one record, as earlier versions wrote it. */
export const WHOLE_KEY = 'registry';

/** A record as a store keeps it; deleted when there are no bytes. */
export function encodeChange({ kind, key, value }: RecordChange): [string, Uint8Array | undefined] {
  const codec = codecs[kind] as Codec<unknown>;
  return [`${kind}/${key}`, value === undefined ? undefined : codec.encode(value)];
}

/** Every record, for a store that holds none of them yet. */
export function encodeRecords(records: RegistryRecords): Map<string, Uint8Array> {
  const encoded = new Map<string, Uint8Array>();
  for (const kind of Object.keys(codecs) as RecordKind[]) {
    const codec = codecs[kind] as Codec<unknown>;
    for (const [key, value] of records[kind]) encoded.set(`${kind}/${key}`, codec.encode(value));
  }
  return encoded;
}

/** An error when something is damaged, or of a kind that only a newer version knows. */
export function decodeRecords(stored: ReadonlyMap<string, Uint8Array>): Result<RegistryRecords> {
  const whole = stored.get(WHOLE_KEY);
  try {
    if (whole) return ok(fromWhole(decode(schema.Registry, whole)));
    const records = createRecords();
    for (const [name, bytes] of stored) {
      const slash = name.indexOf('/');
      const kind = name.slice(0, slash) as RecordKind;
      if (!Object.hasOwn(codecs, kind)) {
        return err(`it holds '${name}', which a newer version must have written`);
      }
      const map = records[kind] as Map<string, unknown>;
      map.set(name.slice(slash + 1), read(name, codecs[kind], bytes));
    }
    return ok(inOrder(records));
  } catch (error) {
    if (error instanceof DecodeError) return err(error.message);
    throw error;
  }
}

function read(name: string, codec: Codec<unknown>, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof DecodeError) throw new DecodeError(`record '${name}': ${error.message}`);
    throw error;
  }
}

/** The oldest of those who are away are the first to be forgotten: stores keep no such order. */
function inOrder(records: RegistryRecords): RegistryRecords {
  return {
    ...records,
    unreachable: byTime(records.unreachable),
    gone: byTime(records.gone),
  };
}

function byTime<T extends RecordTypes['unreachable'] | RecordTypes['gone']>(
  agents: ReadonlyMap<string, T>,
): Map<string, T> {
  const sorted = [...agents].sort(([, a], [, b]) => {
    const [left, right] = [a.timestamp.nanoseconds, b.timestamp.nanoseconds];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  return new Map(sorted);
}
