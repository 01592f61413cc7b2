import { Quantities } from '../quantities.ts';
import { Ranking } from './ranking.ts';
import type { Client } from './sorter.ts';

const VIRTUAL = '.';
const NO_CHILDREN: ReadonlyMap<string, never> = new Map<string, never>();

export class TreeClient<T> implements Client<T> {
  readonly path: string;
  readonly subject: T;
  node: SorterNode<T>;
  isActive = false;
  isIdle = false;

  constructor(path: string, subject: T, node: SorterNode<T>) {
    this.path = path;
    this.subject = subject;
    this.node = node;
  }
}

/** A leaf has a client; a client with others below it has a leaf named `.` of its own. */
export class SorterNode<T> {
  readonly name: string;
  readonly path: string;
  readonly parent: SorterNode<T> | undefined;
  #children: Map<string, SorterNode<T>> | undefined;
  /** Those of them that have children. */
  inner: Set<SorterNode<T>> | undefined;
  client: TreeClient<T> | undefined;
  readonly allocation = new Quantities();
  /** How often something was allocated to it or below it. */
  count = 0;
  /** Active clients at or below it, and those of them who are not idle. */
  active = 0;
  waiting = 0;
  weight: number | undefined;

  // For sorters that rank: among its siblings, and below it.
  isTouched = false;
  isRanked = false;
  slot = 0;
  #ranking: Ranking<T> | undefined;

  constructor(name: string, parent?: SorterNode<T>) {
    this.name = name;
    this.parent = parent;
    this.path = parent?.parent === undefined ? name : `${parent.path}/${name}`;
  }

  /** Most nodes are leaves and have none. */
  get children(): ReadonlyMap<string, SorterNode<T>> {
    return this.#children ?? NO_CHILDREN;
  }

  setChild(child: SorterNode<T>): void {
    this.#children ??= new Map();
    this.#children.set(child.name, child);
  }

  deleteChild({ name }: SorterNode<T>): void {
    this.#children?.delete(name);
  }

  /** Of its children; leaves have none. */
  get ranking(): Ranking<T> {
    this.#ranking ??= new Ranking();
    return this.#ranking;
  }
}

/** The tree of clients that all sorters have in common. */
export abstract class SorterTree<T> {
  readonly root = new SorterNode<T>('');
  readonly #clients = new Map<string, TreeClient<T>>();
  readonly #weights = new Map<string, number>();
  #unread: SorterNode<T>[] = [];
  readonly #reachesInner: boolean;

  /** `reachesInner`: whether a weight set later reaches nodes that are no clients. */
  constructor(reachesInner = false) {
    this.#reachesInner = reachesInner;
  }

  /** The active or waiting clients below `node` changed in number. */
  protected abstract onPresence(node: SorterNode<T>): void;
  /** Allocations, weights or the tree changed beyond the counting of single clients. */
  protected abstract onChange(): void;

  add(path: string, subject: T): TreeClient<T> {
    const tokens = path.split('/');
    let node = this.root;
    let at = 0;
    for (; at < tokens.length && node.client === undefined; at++) {
      const child = node.children.get(tokens[at] as string);
      if (child === undefined) break;
      node = child;
    }
    if (node.client !== undefined) this.#makeInternal(node, node.client);
    if (at === tokens.length) node = this.#addNode(VIRTUAL, node);
    for (; at < tokens.length; at++) {
      node = this.#addNode(tokens[at] as string, node);
      if (at < tokens.length - 1) this.#unread.push(node);
    }
    const client = new TreeClient(path, subject, node);
    node.client = client;
    this.#clients.set(path, client);
    return client;
  }

  #addNode(name: string, parent: SorterNode<T>): SorterNode<T> {
    const node = new SorterNode(name, parent);
    parent.setChild(node);
    if (parent.parent !== undefined) {
      parent.parent.inner ??= new Set();
      parent.parent.inner.add(parent);
    }
    return node;
  }

  #makeInternal(node: SorterNode<T>, client: TreeClient<T>): void {
    const virtual = this.#addNode(VIRTUAL, node);
    virtual.allocation.copyFrom(node.allocation);
    virtual.count = node.count;
    virtual.client = client;
    client.node = virtual;
    node.client = undefined;
    this.onChange();
    if (node.weight === undefined) this.#unread.push(node);
    virtual.active = node.active;
    virtual.waiting = node.waiting;
    this.onPresence(virtual);
  }

  remove(removed: TreeClient<T>): void {
    this.deactivate(removed);
    this.#clients.delete(removed.path);
    const { allocation } = removed.node;
    for (let node = removed.node; node.parent !== undefined; node = node.parent) {
      node.parent.allocation.subtract(allocation);
      if (node.children.size === 0) {
        node.parent.deleteChild(node);
        node.parent.inner?.delete(node);
      } else if (node.children.size === 1) this.#collapse(node);
    }
    this.onChange();
  }

  /** A lone virtual leaf gives its client back to its parent, which keeps its own figures. */
  #collapse(node: SorterNode<T>): void {
    const virtual = node.children.get(VIRTUAL);
    const client = virtual?.client;
    if (virtual === undefined || client === undefined) return;
    node.deleteChild(virtual);
    node.ranking.clear();
    node.parent?.inner?.delete(node);
    node.client = client;
    client.node = node;
  }

  get isIdle(): boolean {
    return this.root.waiting === 0;
  }

  activate(client: TreeClient<T>): void {
    if (client.isActive) return;
    client.isActive = true;
    this.#count(client.node, 1, client.isIdle ? 0 : 1);
  }

  deactivate(client: TreeClient<T>): void {
    if (!client.isActive) return;
    client.isActive = false;
    this.#count(client.node, -1, client.isIdle ? 0 : -1);
  }

  setIdle(client: TreeClient<T>, isIdle: boolean): void {
    if (client.isIdle === isIdle) return;
    client.isIdle = isIdle;
    if (client.isActive) this.#count(client.node, 0, isIdle ? -1 : 1);
  }

  #count(leaf: SorterNode<T>, active: number, waiting: number): void {
    for (let node: SorterNode<T> | undefined = leaf; node !== undefined; node = node.parent) {
      node.active += active;
      node.waiting += waiting;
      if (node.parent !== undefined) this.onPresence(node);
    }
  }

  /** As a rule reaches clients only: what is merely above some keeps the weight it was first read with. */
  updateWeight(path: string, weight: number): void {
    this.#weights.set(path, weight);
    this.onChange();
    const inner = this.#reachesInner ? this.#nodeAt(path) : undefined;
    if (inner !== undefined) inner.weight = weight;
    const leaf = this.#clients.get(path)?.node;
    if (leaf === undefined) return;
    const node = leaf.name === VIRTUAL ? leaf.parent : leaf;
    if (node !== undefined) node.weight = weight;
  }

  #nodeAt(path: string): SorterNode<T> | undefined {
    let node: SorterNode<T> | undefined = this.root;
    for (const token of path.split('/')) node = node?.children.get(token);
    return node;
  }

  protected weightOf(node: SorterNode<T>): number {
    node.weight ??= this.#weights.get(node.path) ?? 1;
    return node.weight;
  }

  /** Weights of inner nodes count as they are when the order is first asked for. */
  protected readWeights(): void {
    if (this.#unread.length === 0) return;
    for (const node of this.#unread) this.weightOf(node);
    this.#unread = [];
  }

  allocation(client: TreeClient<T>): Quantities {
    return client.node.allocation;
  }

  totalAllocation(): Quantities {
    return this.root.allocation;
  }
}
