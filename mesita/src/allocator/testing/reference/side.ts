import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { AllocatorOptions } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import { VirtualClock } from '../virtual-clock.ts';
import type { ReferenceCalls } from './reference-allocator.ts';

export interface Held {
  readonly framework: FrameworkId;
  readonly role: string;
  readonly agent: AgentId;
  readonly resources: Resources;
}

export interface InverseOffer {
  readonly framework: FrameworkId;
  readonly agent: AgentId;
}

/** One of the two allocators, with a clock of its own. */
export class Side<A extends ReferenceCalls> {
  readonly clock = new VirtualClock();
  readonly allocator: A;
  offers: Held[] = [];
  inverse: InverseOffer[] = [];

  constructor(create: (clock: VirtualClock) => A, options: AllocatorOptions) {
    this.allocator = create(this.clock);
    this.allocator.initialize(options, {
      offer: (framework, roles) => {
        for (const [role, agents] of roles) {
          for (const [agent, resources] of agents)
            this.offers.push({ framework, role, agent, resources });
        }
      },
      inverseOffer: (framework, agents) => {
        for (const agent of agents.keys()) this.inverse.push({ framework, agent });
      },
    });
  }

  take(): Map<string, Held> {
    const offers = this.offers;
    this.offers = [];
    return new Map(offers.map((held) => [`${held.framework} ${held.role} ${held.agent}`, held]));
  }

  takeInverse(): InverseOffer[] {
    const { inverse } = this;
    this.inverse = [];
    return inverse;
  }
}
