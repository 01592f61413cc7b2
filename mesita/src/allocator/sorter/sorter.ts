import type { Quantities } from '../quantities.ts';

/** Somebody who is given resources: a role, or a framework within its role. */
export interface Client<T> {
  readonly path: string;
  readonly subject: T;
}

export interface Selection<T> {
  walk(visit: (subject: T) => boolean): void;
  /** Not between the beginning and the end of a walk. */
  drop(client: Client<T>): void;
}

/**
 * Decides in what order clients are asked. Paths split at `/` into a tree; a client that has
 * others below it stands among them. New clients are inactive. Names without meaning here
 * (unknown clients) do not occur: clients are handles.
 */
export interface Sorter<T> {
  add(path: string, subject: T): Client<T>;
  remove(client: Client<T>): void;
  activate(client: Client<T>): void;
  deactivate(client: Client<T>): void;
  /** An idle client keeps its place among its siblings, but is not worth a visit. */
  setIdle(client: Client<T>, isIdle: boolean): void;
  updateWeight(path: string, weight: number): void;

  allocated(client: Client<T>, amounts: Quantities): void;
  unallocated(client: Client<T>, amounts: Quantities): void;
  /** Exchanges amounts; not a new allocation. */
  update(client: Client<T>, before: Quantities, after: Quantities): void;
  allocation(client: Client<T>): Quantities;
  /** Of all clients together. */
  totalAllocation(): Quantities;

  /**
   * Visits active clients in order until `visit` returns true. What is allocated during the walk
   * changes the order of the next one.
   */
  walk(visit: (subject: T) => boolean): void;
  /** Walks of some of the active clients, in the order of a walk of all. */
  select(clients: readonly Client<T>[]): Selection<T>;
  /** Whether a walk would visit nobody. */
  readonly isIdle: boolean;
  /** Brings the order up to date, as a walk would. */
  refresh(): void;
  /** The client's dominant share, where the sorter knows such a thing. */
  shareOf(client: Client<T>): number | undefined;
}
