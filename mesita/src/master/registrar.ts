import { type Clock, formatDuration, type Logger } from '@mesita/sdk/base';
import type { MasterInfo } from '@mesita/sdk/types';
import type { Metrics } from '../net/metrics.ts';
import type { Storage, StoredRecords } from '../storage/storage.ts';
import { changesOf } from './core/registry/changes-of.ts';
import { decodeRecords, encodeChange, encodeRecords, WHOLE_KEY } from './core/registry/encoding.ts';
import type { RegistryOperation } from './core/registry/operation.ts';
import {
  applyChanges,
  createRecords,
  put,
  type RecordChange,
  type RegistryRecords,
} from './core/registry/records.ts';
import { toWhole, type WholeRegistry } from './core/registry/whole.ts';

export interface Registrar {
  /**
   * Once, before anything is applied: what earlier masters left, with this one written into it.
   * `epoch` is the election's, and greater than that of any leader before; absent where nobody else
   * can have the store open.
   */
  recover(info: MasterInfo, epoch?: number): Promise<WholeRegistry>;
  /**
   * Resolves when the change is durable, in the order of the calls; to false when the registry
   * refused it or already was so. Rejects when it may not be durable, and for ever after: the
   * master must end.
   */
  apply(operation: RegistryOperation): Promise<boolean>;
  /** Made anew at each call. */
  readonly registry: WholeRegistry;
  readonly queued: number;
  close(): Promise<void>;
}

/** `--registry_fetch_timeout` and `--registry_store_timeout`. */
export interface RegistryTimeouts {
  readonly fetchMs: number;
  readonly storeMs: number;
}

interface RegistrarOptions {
  readonly store: Storage;
  readonly timeouts: RegistryTimeouts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'gauge' | 'timer'> | undefined;
}

/** Keeps the registry in memory and its store in step with it. Changes under way share writes. */
export function createRegistrar(options: RegistrarOptions): Registrar {
  const { store, timeouts, clock, log, metrics } = options;
  const sizes = createSizes();
  let records: RegistryRecords = createRecords();
  let epoch: number | undefined;
  let queued = 0;
  let failure: Error | undefined;

  const fetchTimer = metrics?.timer('registrar/state_fetch');
  const storeTimer = metrics?.timer('registrar/state_store');
  metrics?.gauge('registrar/registry_size_bytes', () => sizes.total);

  async function commit(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    if (failure) throw failure;
    sizes.note(changes);
    queued++;
    const stop = storeTimer?.start();
    try {
      await within(clock, 'store', timeouts.storeMs, store.commit({ epoch: epoch!, changes }));
      stop?.();
    } catch (error) {
      // What the store holds is unknown from here on: nothing may be built upon it.
      failure ??= because('Failed to update registry', error);
      throw failure;
    } finally {
      queued--;
    }
  }

  /** A store that others can write is closed to them before it is read. */
  async function fetch(given: number | undefined): Promise<StoredRecords> {
    if (given === undefined) return store.load();
    await store.commit({ epoch: given, changes: new Map() });
    return store.load();
  }

  async function recover(info: MasterInfo, given: number | undefined): Promise<void> {
    const stop = fetchTimer?.start();
    const stored = await within(clock, 'fetch', timeouts.fetchMs, fetch(given));
    stop?.();
    const decoded = decodeRecords(stored.records);
    if (!decoded.ok) throw new Error(`the registry cannot be read: ${decoded.error}`);
    requireCapabilities(info, decoded.value);
    records = decoded.value;
    epoch = given ?? stored.epoch + 1;
    const leader = put('master', '', { info });
    applyChanges(records, [leader]);
    await commit(firstChanges(stored, records, leader)).catch((error) => {
      throw because('Failed to persist MasterInfo', error);
    });
    sizes.note(encodeRecords(records));
  }

  return {
    get registry() {
      return toWhole(records);
    },
    get queued() {
      return queued;
    },
    async recover(info, given) {
      try {
        await recover(info, given);
      } catch (error) {
        throw because('Failed to recover registrar', error);
      }
      return toWhole(records);
    },
    async apply(operation) {
      const { type } = operation;
      if (epoch === undefined) throw new Error(`registry operation '${type}' before recovery`);
      const changes = changesOf(records, operation);
      if (!changes.ok) {
        log.warn('registry operation refused', { operation: type, reason: changes.error });
        return false;
      }
      if (changes.value.length === 0) return false;
      applyChanges(records, changes.value);
      await commit(new Map(changes.value.map(encodeChange)));
      return true;
    },
    close: () => store.close(),
  };
}

/** A registry that an earlier version kept in one record is taken apart. */
function firstChanges(stored: StoredRecords, records: RegistryRecords, leader: RecordChange) {
  if (!stored.records.has(WHOLE_KEY)) return new Map([encodeChange(leader)]);
  return new Map([...encodeRecords(records), [WHOLE_KEY, undefined] as const]);
}

/** What a newer master left may mean what this one does not understand. */
function requireCapabilities({ capabilities = [] }: MasterInfo, records: RegistryRecords): void {
  const own = new Set<string | undefined>(capabilities.map(({ type }) => type));
  const missing = [...records.capabilities.keys()].filter((name) => !own.has(name));
  if (missing.length === 0) return;
  throw new Error(`Master is missing the following minimum capabilities: ${missing.join(', ')}`);
}

/** How much is stored, without counting all of it again. */
function createSizes() {
  const sizes = new Map<string, number>();
  let total = 0;
  return {
    get total() {
      return total;
    },
    note(changes: ReadonlyMap<string, Uint8Array | undefined>): void {
      for (const [key, bytes] of changes) {
        total += (bytes?.length ?? 0) - (sizes.get(key) ?? 0);
        if (bytes) sizes.set(key, bytes.length);
        else sizes.delete(key);
      }
    },
  };
}

/** Rejects in Mesos' words when `work` takes longer; what it does later is nobody's business. */
function within<T>(clock: Clock, name: string, limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(limitMs, () =>
      reject(new Error(`Failed to perform ${name} within ${formatDuration(limitMs)}`)),
    );
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** One line that tells all, as Mesos' does: these texts end in `exit` reasons. */
function because(text: string, error: unknown): Error {
  return new Error(`${text}: ${tell(error)}`, { cause: error });
}

function tell(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : tell(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
