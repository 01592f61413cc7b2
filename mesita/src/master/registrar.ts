import type { Logger } from '@mesita/sdk/base';
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
   * refused it or already was so. Rejects when it may not be durable: the master must end.
   */
  apply(operation: RegistryOperation): Promise<boolean>;
  readonly registry: Registry;
  readonly queued: number;
  close(): Promise<void>;
}

/** Keeps the registry in memory and its store in step with it. Changes under way share writes. */
export function createRegistrar(
  store: RegistryStore,
  log: Logger,
  metrics?: Pick<Metrics, 'gauge' | 'timer'>,
): Registrar {
  let registry: Registry = {};
  let queued = 0;
  let isRecovered = false;

  const fetchTimer = metrics?.timer('registrar/state_fetch');
  const storeTimer = metrics?.timer('registrar/state_store');
  metrics?.gauge('registrar/registry_size_bytes', () => encode(schema.Registry, registry).length);

  async function save(): Promise<void> {
    queued++;
    const stop = storeTimer?.start();
    try {
      await store.save(registry);
      stop?.();
    } finally {
      queued--;
    }
  }

  return {
    get registry() {
      return registry;
    },
    get queued() {
      return queued;
    },
    async recover(info) {
      const stop = fetchTimer?.start();
      registry = { ...(await store.load()), master: { info } };
      stop?.();
      isRecovered = true;
      await save();
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
