import type { AgentId, Random } from '@mesita/sdk/base';
import { ResourceQuantities, Resources } from '@mesita/sdk/resources';

/** What a client holds, by agent; resources carry the role they are allocated to. */
type Held = ReadonlyMap<AgentId, Resources>;

interface Node {
  readonly path: string;
  readonly parent: Node | undefined;
  children: Node[];
  /** Present where a client stands; `.` leaves carry their parent's name. */
  client: { readonly name: string; isActive: boolean } | undefined;
  /** How often something was allocated on the node or beneath it. */
  count: number;
}

interface Measures {
  readonly heldBy: (client: string) => Held;
  readonly total: () => ResourceQuantities;
  readonly weightOf: (path: string) => number;
  /** Draws clients in proportion to weights; without it shares decide. */
  readonly draw: Random | undefined;
}

/** The sorter tree of §10, by the book: everything but the counts is computed anew each time. */
export class ReferenceTree {
  readonly #root: Node = { path: '', parent: undefined, children: [], client: undefined, count: 0 };
  readonly #leaves = new Map<string, Node>();
  readonly #measures: Measures;

  constructor(measures: Measures) {
    this.#measures = measures;
  }

  has(name: string): boolean {
    return this.#leaves.has(name);
  }

  add(name: string): void {
    let at = this.#root;
    for (const word of name.split('/')) {
      const path = at.path === '' ? word : `${at.path}/${word}`;
      let child = at.children.find((node) => node.path === path);
      if (child === undefined) {
        if (at.client !== undefined) this.#pushDown(at);
        child = this.#grow(at, path);
      }
      at = child;
    }
    // A client that is also an inner node stands beneath itself.
    if (at.children.length > 0) at = this.#grow(at, `${at.path}/.`);
    at.client = { name, isActive: false };
    this.#leaves.set(name, at);
  }

  #grow(parent: Node, path: string): Node {
    const node: Node = { path, parent, children: [], client: undefined, count: 0 };
    parent.children.push(node);
    return node;
  }

  #pushDown(node: Node): void {
    const leaf = this.#grow(node, `${node.path}/.`);
    leaf.client = node.client;
    leaf.count = node.count;
    node.client = undefined;
    if (leaf.client !== undefined) this.#leaves.set(leaf.client.name, leaf);
  }

  remove(name: string): void {
    const leaf = this.#leaves.get(name);
    if (leaf === undefined) return;
    this.#leaves.delete(name);
    leaf.client = undefined;
    let gone: Node = leaf;
    for (let parent = leaf.parent; parent !== undefined; parent = parent.parent) {
      if (gone.children.length > 0 || gone.client !== undefined) break;
      const lost = gone;
      parent.children = parent.children.filter((node) => node !== lost);
      const [only] = parent.children;
      if (parent.children.length === 1 && only?.path === `${parent.path}/.`) {
        parent.client = only.client;
        parent.children = [];
        if (only.client !== undefined) this.#leaves.set(only.client.name, parent);
      }
      gone = parent;
    }
  }

  setActive(name: string, isActive: boolean): void {
    const client = this.#leaves.get(name)?.client;
    if (client !== undefined) client.isActive = isActive;
  }

  countAllocation(name: string): void {
    for (let node = this.#leaves.get(name); node !== undefined; node = node.parent) node.count++;
  }

  /** Active clients in the order in which they are asked. */
  sort(): string[] {
    const { draw } = this.#measures;
    return draw === undefined ? this.#visit(this.#root) : drawAll(this.#weigh(this.#root, 1), draw);
  }

  /** Active clients with their part of all weight; nodes without any have no part in it. */
  #weigh(node: Node, weight: number): [string, number][] {
    if (node.client !== undefined) return node.client.isActive ? [[node.client.name, weight]] : [];
    const taking = node.children.filter((child) => this.#visit(child).length > 0);
    const weights = taking.map(({ path }) => this.#measures.weightOf(path));
    const sum = weights.reduce((a, b) => a + b, 0);
    return taking.flatMap((child, i) =>
      this.#weigh(child, (weight * (weights[i] as number)) / sum),
    );
  }

  #visit(node: Node): string[] {
    if (node.client !== undefined) return node.client.isActive ? [node.client.name] : [];
    const ranked = node.children.map((child) => ({ child, share: this.#shareOf(child) }));
    ranked.sort(
      (a, b) =>
        a.share - b.share ||
        a.child.count - b.child.count ||
        (a.child.path < b.child.path ? -1 : 1),
    );
    return ranked.flatMap(({ child }) => this.#visit(child));
  }

  /** As the dominant share of one client is shown; undefined when it is unknown. */
  shareOf(name: string): number | undefined {
    const leaf = this.#leaves.get(name);
    return leaf && this.#shareOf(leaf);
  }

  #shareOf(node: Node): number {
    const held = this.#quantitiesOf(node);
    let share = 0;
    for (const [name, amount] of this.#measures.total())
      if (amount > 0) share = Math.max(share, held.get(name) / amount);
    return share / this.#measures.weightOf(node.path);
  }

  #quantitiesOf(node: Node): ResourceQuantities {
    const byAgent = new Map<AgentId, Resources[]>();
    for (const client of clientsOf(node)) {
      for (const [agent, resources] of this.#measures.heldBy(client))
        byAgent.set(agent, [...(byAgent.get(agent) ?? []), resources]);
    }
    return scalarsOf(byAgent.values());
  }

  /** All scalars that clients hold; copies of a shared resource on one agent count once. */
  totalAllocation(): ResourceQuantities {
    return this.#quantitiesOf(this.#root);
  }
}

function drawAll(weighed: readonly [string, number][], chance: Random): string[] {
  const left = [...weighed];
  const drawn: string[] = [];
  while (left.length > 0) {
    let rest = chance.next() * left.reduce((sum, [, weight]) => sum + weight, 0);
    let at = 0;
    while (at < left.length - 1 && rest >= (left[at]?.[1] ?? 0)) rest -= left[at++]?.[1] ?? 0;
    drawn.push(...left.splice(at, 1).map(([name]) => name));
  }
  return drawn;
}

function clientsOf(node: Node): string[] {
  if (node.client !== undefined) return [node.client.name];
  return node.children.flatMap(clientsOf);
}

function scalarsOf(agents: Iterable<readonly Resources[]>): ResourceQuantities {
  let sum = ResourceQuantities.empty;
  for (const parts of agents)
    sum = sum.add(Resources.sum(parts).withSingleCopies().scalars().quantities());
  return sum;
}
