import type { Logger } from '@mesita/sdk/base';
import type { AllocatorSorter, SorterClient } from '@mesita/sdk/module';
import { ResourceQuantities } from '@mesita/sdk/resources';
import { ask } from '../parts.ts';
import type { Quantities, ResourceNames } from '../quantities.ts';
import type { ClusterTotals } from '../totals.ts';
import type { Selection, Sorter } from './sorter.ts';
import type { SorterNode, TreeClient } from './sorter-tree.ts';
import { SorterTree } from './sorter-tree.ts';

/** Leaves the order of siblings to a module. */
export class ModuleSorter<T> extends SorterTree<T> implements Sorter<T> {
  readonly #part: AllocatorSorter;
  readonly #totals: ClusterTotals;
  readonly #log: Logger;

  constructor(part: AllocatorSorter, totals: ClusterTotals, log: Logger) {
    super(true);
    this.#part = part;
    this.#totals = totals;
    this.#log = log;
  }

  allocated({ node }: TreeClient<T>, amounts: Quantities): void {
    for (let at: SorterNode<T> | undefined = node; at !== undefined; at = at.parent) {
      at.allocation.add(amounts);
      at.count++;
    }
  }

  unallocated({ node }: TreeClient<T>, amounts: Quantities): void {
    for (let at: SorterNode<T> | undefined = node; at !== undefined; at = at.parent)
      at.allocation.subtract(amounts);
  }

  update({ node }: TreeClient<T>, before: Quantities, after: Quantities): void {
    for (let at: SorterNode<T> | undefined = node; at !== undefined; at = at.parent) {
      at.allocation.subtractToZero(before);
      at.allocation.add(after);
    }
  }

  protected override onPresence(): void {}
  protected override onChange(): void {}

  refresh(): void {
    this.readWeights();
  }

  walk(visit: (subject: T) => boolean): void {
    this.refresh();
    this.#walkBelow(this.root, visit);
  }

  #walkBelow(node: SorterNode<T>, visit: (subject: T) => boolean): boolean {
    for (const child of this.#ordered(node)) {
      const isDone =
        child.client === undefined ? this.#walkBelow(child, visit) : visit(child.client.subject);
      if (isDone) return true;
    }
    return false;
  }

  #ordered(node: SorterNode<T>): Iterable<SorterNode<T>> {
    const waiting = [...node.children.values()].filter((child) => child.waiting > 0);
    if (waiting.length < 2) return waiting;
    const siblings = waiting.map((child) => this.#view(child));
    const nodes = new Map(siblings.map(({ path }, i) => [path, waiting[i] as SorterNode<T>]));
    const totals = quantitiesOf(this.#totals.amounts, this.#totals.names);
    const order = ask(this.#log, 'AllocatorSorter', () => [...this.#part.sort(siblings, totals)]);
    const first = new Set((order ?? []).flatMap((path) => nodes.get(path) ?? []));
    return new Set([...first, ...waiting]);
  }

  #view(node: SorterNode<T>): SorterClient {
    return {
      path: node.client?.path ?? node.path,
      weight: this.weightOf(node),
      allocation: quantitiesOf(node.allocation, this.#totals.names),
      allocations: node.count,
    };
  }

  select(clients: readonly TreeClient<T>[]): Selection<T> {
    const chosen = new Set(clients.map(({ subject }) => subject));
    return {
      walk: (visit) => this.walk((subject) => chosen.has(subject) && visit(subject)),
      drop: ({ subject }) => void chosen.delete(subject),
    };
  }

  shareOf(): undefined {
    return undefined;
  }
}

function quantitiesOf({ values }: Quantities, names: ResourceNames): ResourceQuantities {
  return ResourceQuantities.fromThousandths(
    values.map((amount, name) => [names.nameOf(name), amount]),
  );
}
