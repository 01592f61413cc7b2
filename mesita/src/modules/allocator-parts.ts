// The modules that take part in the built-in allocator.
import type {
  AgentOrder,
  AllocatorSorter,
  InstanceOf,
  KindName,
  OfferFilter,
  QuotaPolicy,
} from '@mesita/sdk/module';
import type { AllocatorParts } from '../allocator/parts.ts';

/** Where parts come from: a module manager, or somebody who opened a few files. */
export interface PartSource {
  readonly loaded: readonly { readonly name: string; readonly module: { readonly kind: string } }[];
  create<K extends KindName>(kind: K, name: string): Promise<InstanceOf<K>>;
}

/** Rejects when one is not loaded, is of another kind, or is the second of a kind that can have one. */
export async function createAllocatorParts(
  names: ReadonlySet<string>,
  manager: PartSource,
): Promise<AllocatorParts> {
  let sorter: AllocatorSorter | undefined;
  let agentOrder: AgentOrder | undefined;
  let quotaPolicy: QuotaPolicy | undefined;
  const offerFilters: OfferFilter[] = [];
  const once = (name: string, kind: string, other: unknown) => {
    if (other !== undefined) throw new Error(`'${name}' is the second ${kind}`);
  };
  for (const name of names) {
    const kind = manager.loaded.find((loaded) => loaded.name === name)?.module.kind;
    if (kind === 'OfferFilter') offerFilters.push(await manager.create(kind, name));
    else if (kind === 'AllocatorSorter') {
      once(name, kind, sorter);
      sorter = await manager.create(kind, name);
    } else if (kind === 'AgentOrder') {
      once(name, kind, agentOrder);
      agentOrder = await manager.create(kind, name);
    } else if (kind === 'QuotaPolicy') {
      once(name, kind, quotaPolicy);
      quotaPolicy = await manager.create(kind, name);
    } else {
      throw new Error(`'${name}' ${kind === undefined ? 'is not loaded' : `is of kind ${kind}`}`);
    }
  }
  return {
    ...{ sorter, agentOrder, quotaPolicy },
    offerFilters: offerFilters.length === 0 ? undefined : offerFilters,
  };
}
