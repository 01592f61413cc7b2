import type { AgentId, FrameworkId, Random } from '@mesita/sdk/base';
import type { Quota } from '@mesita/sdk/module';
import {
  isInRoleSubtree,
  ResourceLimits,
  ResourceQuantities,
  Resources,
  reservationRole,
} from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo, scheduler } from '@mesita/sdk/types';
import { ReferenceTree } from './tree.ts';

/** An agent as the rules see it. */
export interface Agent {
  readonly id: AgentId;
  info: AgentInfo;
  capabilities: ReadonlySet<string>;
  total: Resources;
  /** Offered or launched, by framework; with their allocations. */
  readonly held: Map<FrameworkId, Resources>;
  isActive: boolean;
}

export interface Filter {
  readonly role: string;
  readonly agent: AgentId;
  readonly refused: Resources;
}

export interface Framework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  roles: ReadonlySet<string>;
  capabilities: ReadonlySet<string>;
  isActive: boolean;
  constraints: scheduler.OfferConstraints | undefined;
  readonly suppressed: Set<string>;
  readonly filters: Set<Filter>;
}

const NO_QUOTA: Quota = {
  guarantees: ResourceQuantities.empty,
  limits: ResourceLimits.unlimited,
};

/** Who is there and holds what. Whatever can be computed from it is computed when it is asked for. */
export class ReferenceBooks {
  readonly agents = new Map<AgentId, Agent>();
  readonly frameworks = new Map<FrameworkId, Framework>();
  readonly quotas = new Map<string, Quota>();
  readonly weights = new Map<string, number>();
  readonly roleSorter: ReferenceTree;
  readonly sorters = new Map<string, ReferenceTree>();

  readonly #draw: Random | undefined;

  /** `draw`: sorts at random by it, instead of by shares. */
  constructor(draw?: Random) {
    this.#draw = draw;
    this.roleSorter = new ReferenceTree({
      draw,
      heldBy: (role) => this.#heldWhere((allocated) => allocated === role),
      total: () => this.total(),
      weightOf: (path) => this.weights.get(path) ?? 1,
    });
  }

  #heldWhere(isWanted: (role: string, framework: FrameworkId) => boolean) {
    const held = new Map<AgentId, Resources>();
    for (const agent of this.agents.values()) {
      const parts = [...agent.held].map(([framework, resources]) =>
        resources.filter(({ allocationInfo }) => isWanted(allocationInfo?.role ?? '', framework)),
      );
      held.set(agent.id, Resources.sum(parts));
    }
    return held;
  }

  track(framework: Framework, role: string): void {
    let sorter = this.sorters.get(role);
    if (sorter === undefined) {
      sorter = new ReferenceTree({
        draw: this.#draw,
        heldBy: (client) =>
          this.#heldWhere((allocated, holder) => allocated === role && holder === client),
        total: () => this.total(),
        weightOf: () => 1,
      });
      this.sorters.set(role, sorter);
      this.roleSorter.add(role);
      this.roleSorter.setActive(role, true);
    }
    if (!sorter.has(framework.id)) sorter.add(framework.id);
  }

  /** Nobody is tracked under a role who neither subscribes to it nor holds anything of it. */
  untrackIfIdle(framework: Framework, role: string): void {
    const sorter = this.sorters.get(role);
    if (sorter === undefined || !sorter.has(framework.id)) return;
    const isSubscribed = this.frameworks.has(framework.id) && framework.roles.has(role);
    if (isSubscribed || !this.heldBy(framework.id, role).isEmpty) return;
    sorter.remove(framework.id);
    const others = [...this.frameworks.values()].some(
      ({ id }) => id !== framework.id && sorter.has(id),
    );
    if (others) return;
    this.sorters.delete(role);
    this.roleSorter.remove(role);
  }

  heldBy(framework: FrameworkId, role: string): Resources {
    return Resources.sum(
      this.#heldWhere((allocated, holder) => allocated === role && holder === framework).values(),
    );
  }

  /** Offered or launched: one more allocation for the sorters. */
  charge(agent: Agent, framework: Framework, role: string, allocated: Resources): void {
    agent.held.set(framework.id, (agent.held.get(framework.id) ?? Resources.empty).add(allocated));
    this.roleSorter.countAllocation(role);
    this.sorters.get(role)?.countAllocation(framework.id);
  }

  release(agent: Agent, framework: FrameworkId, resources: Resources): void {
    const left = (agent.held.get(framework) ?? Resources.empty).subtract(resources);
    if (left.isEmpty) agent.held.delete(framework);
    else agent.held.set(framework, left);
  }

  available(agent: Agent): Resources {
    const used = Resources.sum(
      [...agent.held.values()].map((each) => each.unallocate().nonShared()),
    );
    return agent.total.nonShared().subtract(used).add(agent.total.shared());
  }

  total(): ResourceQuantities {
    return sumOf([...this.agents.values()].map(({ total }) => total.scalars().quantities()));
  }

  quotaOf(role: string): Quota {
    return this.quotas.get(role) ?? NO_QUOTA;
  }

  /** Reservations to the role's subtree, and unreserved scalars that it holds and nobody revokes. */
  consumed(role: string): ResourceQuantities {
    const parts = [...this.agents.values()].flatMap((agent) => [
      agent.total.reserved().reservedToRoleSubtree(role).scalars().quantities(),
      heldOn(agent)
        .filter(({ allocationInfo }) => isInRoleSubtree(allocationInfo?.role ?? '', role))
        .unreserved()
        .nonRevocable()
        .scalars()
        .quantities(),
    ]);
    return sumOf(parts);
  }

  requiredHeadroom(consumed: ReadonlyMap<string, ResourceQuantities>): ResourceQuantities {
    return sumOf(
      [...this.quotas].map(([role, { guarantees }]) =>
        guarantees.subtract(consumed.get(role) ?? ResourceQuantities.empty),
      ),
    );
  }

  availableHeadroom(): ResourceQuantities {
    const agents = [...this.agents.values()];
    const reserved = sumOf(agents.map(({ total }) => total.reserved().scalars().quantities()));
    const heldReserved = sumOf(
      agents.map((agent) => heldOn(agent).reserved().scalars().quantities()),
    );
    const revocable = sumOf(
      agents.map((agent) => this.available(agent).revocable().scalars().quantities()),
    );
    return this.total()
      .subtract(this.roleSorter.totalAllocation())
      .subtract(reserved.subtract(heldReserved))
      .subtract(revocable);
  }
}

/** Of a shared resource a role has one on an agent, however many of its frameworks use it. */
function heldOn({ held }: Agent): Resources {
  return Resources.sum(held.values()).withSingleCopies();
}

export function sumOf(parts: readonly ResourceQuantities[]): ResourceQuantities {
  return parts.reduce((sum, part) => sum.add(part), ResourceQuantities.empty);
}

/** The role that a resource is reserved to at last. */
export function isReservedToExactly(resources: Resources, role: string): Resources {
  return resources.reserved().filter((resource) => reservationRole(resource) === role);
}
