import type { FrameworkId } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { Subscription } from './framework.ts';
import { RoleMetricNames } from './metric-names.ts';
import type { ResourceNames } from './quantities.ts';
import { Quantities } from './quantities.ts';
import { NO_QUOTA, type RoleQuota } from './quota.ts';
import type { Client, Sorter } from './sorter/sorter.ts';
import type { Sums } from './sums.ts';
import { isReservedItem } from './sums.ts';

export class Role {
  /** `a/b/c`; empty for the root. */
  readonly path: string;
  readonly basename: string;
  readonly parent: Role | undefined;
  readonly children = new Map<string, Role>();
  readonly subscriptions = new Map<FrameworkId, Subscription>();
  /** While it has subscriptions: its place among roles, and the order within. */
  client: Client<Role> | undefined;
  sorter: Sorter<Subscription> | undefined;
  /** Subscriptions that take part in allocation. */
  active = 0;

  #metricNames: RoleMetricNames | undefined;
  quota = NO_QUOTA;
  weight = 1;

  // Sums of the whole subtree.
  readonly reservations = new Quantities();
  readonly offeredReserved = new Quantities();
  readonly offeredFree = new Quantities();
  /** Launched, unreserved and not revocable. */
  readonly launchedFree = new Quantities();
  /** What is missing to the guarantee. */
  readonly unsatisfied = new Quantities();
  // Bits for the names that are missing, and for those that limits still allow.
  unsatisfiedMask = 0;
  openMask = -1;

  constructor(basename: string, parent?: Role) {
    this.basename = basename;
    this.parent = parent;
    this.path = parent?.parent === undefined ? basename : `${parent.path}/${basename}`;
  }

  get metricNames(): RoleMetricNames {
    this.#metricNames ??= new RoleMetricNames(this.path);
    return this.#metricNames;
  }

  get isTopLevel(): boolean {
    return this.parent !== undefined && this.parent.parent === undefined;
  }

  /** What counts against quota: reservations, and unreserved resources on offer or in use. */
  consumed(name: number): number {
    return this.offeredFree.get(name) + this.reservations.get(name);
  }

  get isEmpty(): boolean {
    return (
      this.children.size === 0 &&
      this.subscriptions.size === 0 &&
      this.quota.isDefault &&
      this.weight === 1 &&
      this.reservations.isEmpty()
    );
  }
}

/** Roles exist while they or roles below have subscriptions, reservations, a quota or a weight. */
export class RoleTree {
  readonly root = new Role('');
  /** Sum over top-level roles of what is missing to their guarantees. */
  readonly requiredHeadroom = new Quantities();
  /** Top-level roles with guarantees. */
  readonly guaranteed = new Set<Role>();
  readonly #names: ResourceNames;
  readonly #roles = new Map<string, Role>();
  readonly #chargesAtOnce: boolean;
  #quotas = 0;
  #deferred: [Role, Sums][] | undefined;

  /** `chargesAtOnce`: whether limits of roles above count within a run. */
  constructor(names: ResourceNames, chargesAtOnce = false) {
    this.#names = names;
    this.#chargesAtOnce = chargesAtOnce;
  }

  get hasQuotas(): boolean {
    return this.#quotas > 0;
  }

  get(path: string): Role | undefined {
    return this.#roles.get(path);
  }

  all(): IterableIterator<Role> {
    return this.#roles.values();
  }

  getOrAdd(path: string): Role {
    const known = this.#roles.get(path);
    if (known !== undefined) return known;
    let role = this.root;
    for (const token of path.split('/')) {
      let child = role.children.get(token);
      if (child === undefined) {
        child = new Role(token, role);
        role.children.set(token, child);
        this.#roles.set(child.path, child);
      }
      role = child;
    }
    return role;
  }

  /** Forgets the role and its ancestors as far as nothing needs them. */
  prune(role: Role): void {
    for (let node = role; node.parent !== undefined && node.isEmpty; node = node.parent) {
      node.parent.children.delete(node.basename);
      this.#roles.delete(node.path);
      // Nothing, unless a framework went before its tasks.
      this.ended(node.parent, node.launchedFree);
    }
  }

  setWeight(path: string, weight: number): void {
    const role = this.getOrAdd(path);
    role.weight = weight;
    this.prune(role);
  }

  setQuota(path: string, quota: RoleQuota): void {
    const role = this.getOrAdd(path);
    if (!role.quota.isDefault) this.#quotas--;
    if (!quota.isDefault) this.#quotas++;
    this.requiredHeadroom.subtract(role.unsatisfied);
    role.unsatisfied.clear();
    role.unsatisfiedMask = 0;
    role.openMask = -1;
    role.quota = quota;
    if (role.isTopLevel && quota.hasGuarantees) this.guaranteed.add(role);
    else this.guaranteed.delete(role);
    this.#measure(role);
    this.prune(role);
  }

  /** What follows from the role's quota and its consumption. */
  #measure(role: Role): void {
    const { quota, unsatisfied } = role;
    if (quota.isDefault) return;
    if (quota.hasLimits) role.openMask = quota.openNames((name) => role.consumed(name));
    if (!this.guaranteed.has(role)) return;
    this.requiredHeadroom.subtract(unsatisfied);
    const { guarantees } = quota;
    for (let name = 0; name < guarantees.values.length; name++) {
      unsatisfied.setAt(name, Math.max(0, guarantees.get(name) - role.consumed(name)));
    }
    role.unsatisfiedMask = unsatisfied.mask();
    this.requiredHeadroom.add(unsatisfied);
  }

  trackReservations(resources: Resources): void {
    this.#changeReservations(resources, 1);
  }

  untrackReservations(resources: Resources): void {
    this.#changeReservations(resources, -1);
  }

  #changeReservations(resources: Resources, sign: 1 | -1): void {
    for (const item of resources.items) {
      if (item.type !== 'SCALAR' || !isReservedItem(item)) continue;
      const { name, reservations = [] } = item.of.template;
      const role = this.getOrAdd(reservations[reservations.length - 1]?.role ?? '*');
      const index = this.#names.indexOf(name);
      for (let node: Role | undefined = role; node !== undefined; node = node.parent) {
        node.reservations.addAt(index, sign * item.value);
        this.#measure(node);
      }
      if (sign < 0) this.prune(role);
    }
  }

  /**
   * Within a run, what a role without quota is given reaches the quota of the roles above it only
   * when the run has ended.
   */
  beginRun(): void {
    if (!this.#chargesAtOnce) this.#deferred = [];
  }

  endRun(): void {
    const deferred = this.#deferred ?? [];
    this.#deferred = undefined;
    for (const [role, sums] of deferred) this.charge(role, sums);
  }

  charge(role: Role, sums: Sums): void {
    if (this.#deferred !== undefined && role.quota.isDefault && !role.isTopLevel) {
      this.#deferred.push([role, sums]);
      return;
    }
    const { reserved, free, hasReserved, hasFree } = sums;
    for (let node: Role | undefined = role; node !== undefined; node = node.parent) {
      if (hasReserved) node.offeredReserved.add(reserved);
      if (hasFree) node.offeredFree.add(free);
      if (!node.quota.isDefault) this.#measure(node);
    }
  }

  release(role: Role, { reserved, free, hasReserved, hasFree }: Sums): void {
    for (let node: Role | undefined = role; node !== undefined; node = node.parent) {
      if (hasReserved) node.offeredReserved.subtract(reserved);
      if (hasFree) node.offeredFree.subtract(free);
      if (!node.quota.isDefault) this.#measure(node);
    }
  }

  launched(role: Role, amounts: Quantities): void {
    for (let node: Role | undefined = role; node !== undefined; node = node.parent)
      node.launchedFree.add(amounts);
  }

  ended(role: Role, amounts: Quantities): void {
    for (let node: Role | undefined = role; node !== undefined; node = node.parent) {
      node.launchedFree.subtractToZero(amounts);
    }
  }
}
