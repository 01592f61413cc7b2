import { readRecords } from '../../storage/node-records.ts';
import { registryPath } from './address.ts';
import type { Entry, Tree } from './tree.ts';

/** What the ensemble holds of the registry, as the truth. */
export interface StoredRegistry {
  /** The epoch that wrote last. */
  readonly epoch: number;
  /** As that epoch left them, or as they are now when it is the newest one. */
  recordsOf(epoch: number): ReadonlyMap<string, Uint8Array>;
  decided(entry: Entry): void;
}

type Nodes = ReadonlyMap<string, Uint8Array>;

const none: Nodes = new Map();

export function createStoredRegistry(tree: () => Tree): StoredRegistry {
  const left = new Map<number, Nodes>();
  let epoch = 0;
  let nodes = none;

  return {
    get epoch() {
      return epoch;
    },
    recordsOf: (asked) =>
      readRecords(asked === epoch ? nodes : (left.get(asked) ?? none), registryPath).records,
    decided({ operations }) {
      if (!operations.some(({ path }) => path.startsWith(registryPath))) return;
      const now = epochOf(tree());
      if (now !== epoch) left.set(epoch, nodes);
      epoch = now;
      nodes = nodesOf(tree());
    },
  };
}

function epochOf(tree: Tree): number {
  const fence = tree.get(registryPath)?.data ?? new Uint8Array();
  return JSON.parse(Buffer.from(fence).toString()).epoch;
}

function nodesOf(tree: Tree): Nodes {
  const names = tree.get(registryPath)?.children ?? new Set<string>();
  const dataOf = (name: string) => tree.get(`${registryPath}/${name}`)?.data ?? new Uint8Array();
  return new Map([...names].map((name) => [decodeURIComponent(name), dataOf(name)] as const));
}
