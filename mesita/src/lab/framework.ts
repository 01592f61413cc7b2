import type { AgentId, Clock, Random } from '@mesita/sdk/base';
import type { Allocator, OfferableResources } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { Lease, Leases } from './leases.ts';
import type { Account, Ledger } from './ledger.ts';
import { WishList } from './wish-list.ts';
import type { FrameworkPlan, Wish } from './workload/workload.ts';

/** What frameworks live in. */
export interface Scene {
  readonly clock: Clock;
  readonly random: Random;
  readonly allocator: Allocator;
  readonly ledger: Ledger;
  readonly leases: Leases;
  /** From a wish to the offer that fulfilled it, in milliseconds. */
  readonly waits: number[];
}

// How long an offer is on its way, thought over, and answered.
const LEAST_LATENCY_MS = 5;
const MOST_LATENCY_MS = 55;
// A scheduler looks at the wishes that wait longest.
const LOOKED_AT = 100;

interface OpenOffer {
  readonly role: string;
  readonly agent: AgentId;
  readonly resources: Resources;
  readonly lease: Lease;
}

/** A scheduler as the plan has it, and as much of a master as stands between it and the allocator. */
export class Framework {
  readonly plan: FrameworkPlan;
  readonly #scene: Scene;
  readonly #wishes = new WishList();
  readonly #suppressed = new Set<string>();
  #isHere = false;
  #next = 0;

  constructor(plan: FrameworkPlan, scene: Scene) {
    this.plan = plan;
    this.#scene = scene;
  }

  join(): void {
    const { id, info } = this.plan;
    this.#isHere = true;
    const options = { suppressedRoles: new Set<string>() };
    this.#scene.allocator.addFramework(id, info, new Map(), true, options);
    this.#awaitNextWish();
  }

  leave(): void {
    const { id } = this.plan;
    const { allocator, leases } = this.#scene;
    this.#isHere = false;
    for (const { role } of this.#wishes.all()) this.#accountOf(role).waiting--;
    this.#wishes.clear();
    allocator.deactivateFramework(id);
    leases.endOf(id);
    allocator.removeFramework(id);
  }

  /** Offers that come together are thought over and answered together. */
  receive(offers: OfferableResources): void {
    const { clock, random } = this.#scene;
    const open: OpenOffer[] = [];
    for (const [role, agents] of offers) {
      this.#accountOf(role).offers += agents.size;
      for (const [agent, resources] of agents) open.push(this.#open(role, agent, resources));
    }
    const latency = LEAST_LATENCY_MS + random.next() * (MOST_LATENCY_MS - LEAST_LATENCY_MS);
    clock.setTimer(latency, () => {
      for (const offer of open) if (offer.lease.close()) this.#answer(offer);
      for (const role of offers.keys()) this.#suppressIfSatisfied(role);
    });
  }

  #open(role: string, agent: AgentId, resources: Resources): OpenOffer {
    const { allocator, ledger, leases } = this.#scene;
    const { id } = this.plan;
    ledger.addOffered(resources, 1);
    const lease = leases.open(id, agent, () => {
      ledger.addOffered(resources, -1);
      allocator.recoverResources(id, agent, resources, undefined, false);
    });
    return { role, agent, resources, lease };
  }

  /** How long those wait whose wish was not fulfilled. */
  openWaits(): number[] {
    return this.#wishes.all().map(({ atMs }) => this.#scene.clock.now() - atMs);
  }

  #accountOf(role: string): Account {
    return this.#scene.ledger.account(this.plan.id, role);
  }

  #awaitNextWish(): void {
    const { clock } = this.#scene;
    const first = this.plan.wishes[this.#next];
    if (first === undefined) return;
    clock.setTimer(Math.max(0, first.atMs - clock.now()), () => {
      if (!this.#isHere) return;
      const roles = new Set<string>();
      // Tasks of one job come at once.
      for (;;) {
        const wish = this.plan.wishes[this.#next];
        if (wish === undefined || wish.atMs > clock.now()) break;
        this.#wishes.add(wish);
        this.#accountOf(wish.role).waiting++;
        roles.add(wish.role);
        this.#next++;
      }
      this.#revive(roles);
      this.#awaitNextWish();
    });
  }

  #revive(roles: ReadonlySet<string>): void {
    const revived = new Set([...roles].filter((role) => this.#suppressed.delete(role)));
    if (revived.size > 0) this.#scene.allocator.reviveOffers(this.plan.id, revived);
  }

  #suppressIfSatisfied(role: string): void {
    if (!this.plan.suppresses || this.#suppressed.has(role) || !this.#wishes.isEmpty(role)) return;
    this.#suppressed.add(role);
    this.#scene.allocator.suppressOffers(this.plan.id, new Set([role]));
  }

  #answer({ role, agent, resources: offered }: OpenOffer): void {
    const { allocator, ledger } = this.#scene;
    const { id, refuseSeconds } = this.plan;
    ledger.addOffered(offered, -1);
    const { wishes, left } = this.#wishes.take(role, offered, LOOKED_AT);
    if (wishes.length === 0) {
      allocator.recoverResources(id, agent, offered, { refuseSeconds }, false);
    } else {
      const account = this.#accountOf(role);
      account.accepted++;
      account.waiting -= wishes.length;
      // As a master does it, so that nothing is offered between the launch and the rest.
      allocator.pause();
      allocator.transitionOfferedToAllocated(agent, offered.subtract(left));
      if (!left.isEmpty) allocator.recoverResources(id, agent, left, { refuseSeconds }, false);
      allocator.resume();
      for (const wish of wishes) this.#launch(account, agent, wish);
    }
  }

  #launch(account: Account, agent: AgentId, { needs: resources, atMs, durationMs }: Wish): void {
    const { allocator, clock, ledger, leases, waits } = this.#scene;
    waits.push(clock.now() - atMs);
    ledger.addUsed(account, resources, 1);
    const lease = leases.open(this.plan.id, agent, () => {
      ledger.addUsed(account, resources, -1);
      allocator.recoverResources(this.plan.id, agent, resources, undefined, true);
    });
    clock.setTimer(durationMs, lease.end);
  }
}
