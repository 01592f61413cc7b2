import { type Clock, formatDuration, type Logger } from '@mesita/sdk/base';
import type { MasterInfo } from '@mesita/sdk/types';
import type { Metrics } from '../net/metrics.ts';
import type { RegistryStore } from '../storage/registry-store.ts';
import { encode } from '../wire/protobuf.ts';
import * as schema from '../wire/schema/registry.ts';
import type { Registry } from '../wire/types/registry.ts';
import { applyOperation } from './core/registry/apply-operation.ts';
import type { RegistryOperation } from './core/registry/operation.ts';

export interface Registrar {
  /** Once, before anything is applied: what earlier masters left, with this one written into it. */
  recover(info: MasterInfo): Promise<Registry>;
  /**
   * Resolves when the change is durable, in the order of the calls; to false when the registry
   * refused it or already was so. Rejects when it may not be durable, and for ever after: the
   * master must end.
   */
  apply(operation: RegistryOperation): Promise<boolean>;
  readonly registry: Registry;
  readonly queued: number;
  close(): Promise<void>;
}

/** `--registry_fetch_timeout` and `--registry_store_timeout`. */
export interface RegistryTimeouts {
  readonly fetchMs: number;
  readonly storeMs: number;
}

interface RegistrarOptions {
  readonly store: RegistryStore;
  readonly timeouts: RegistryTimeouts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'gauge' | 'timer'> | undefined;
}

/** Keeps the registry in memory and its store in step with it. Changes under way share writes. */
export function createRegistrar(options: RegistrarOptions): Registrar {
  const { store, timeouts, clock, log, metrics } = options;
  let registry: Registry = {};
  let queued = 0;
  let isRecovered = false;
  let failure: Error | undefined;

  const fetchTimer = metrics?.timer('registrar/state_fetch');
  const storeTimer = metrics?.timer('registrar/state_store');
  metrics?.gauge('registrar/registry_size_bytes', () => encode(schema.Registry, registry).length);

  async function save(): Promise<void> {
    if (failure) throw failure;
    queued++;
    const stop = storeTimer?.start();
    try {
      await within(clock, 'store', timeouts.storeMs, store.save(registry));
      stop?.();
    } catch (error) {
      // What the store holds is unknown from here on: nothing may be built upon it.
      failure ??= because('Failed to update registry', error);
      throw failure;
    } finally {
      queued--;
    }
  }

  async function load(): Promise<Registry | undefined> {
    const stop = fetchTimer?.start();
    const loaded = await within(clock, 'fetch', timeouts.fetchMs, store.load());
    stop?.();
    return loaded;
  }

  return {
    get registry() {
      return registry;
    },
    get queued() {
      return queued;
    },
    async recover(info) {
      try {
        registry = { ...(await load()), master: { info } };
        isRecovered = true;
        await save().catch((error) => {
          throw because('Failed to persist MasterInfo', error);
        });
      } catch (error) {
        throw because('Failed to recover registrar', error);
      }
      return registry;
    },
    async apply(operation) {
      if (!isRecovered) throw new Error(`registry operation '${operation.type}' before recovery`);
      const result = applyOperation(registry, operation);
      if (!result.ok) {
        log.warn('registry operation refused', { operation: operation.type, reason: result.error });
        return false;
      }
      if (result.value === registry) return false;
      registry = result.value;
      await save();
      return true;
    },
    close: () => store.close(),
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
