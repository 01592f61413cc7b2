import type { Resources } from '@mesita/sdk/resources';
import type { Agent } from '../agent.ts';
import { charge, chargeGrant } from '../books.ts';
import type { Framework, Subscription } from '../framework.ts';
import type { State } from '../state.ts';
import type { Sums } from '../sums.ts';
import { sumsOf } from '../sums.ts';
import { Headroom } from './headroom.ts';
import type { Portion } from './portions.ts';

/** One allocation over some agents, while it lasts. */
export class Run {
  readonly state: State;
  readonly headroom: Headroom;
  /** Whether what was decided on the present agent might come out differently another time. */
  isChancy = false;
  readonly #offered: Subscription[] = [];
  readonly now: number;

  constructor(state: State) {
    this.state = state;
    this.headroom = new Headroom(state);
    this.now = state.agenda.now();
  }

  /** Records an offer out of a portion and charges it at once, so that it counts in what follows. */
  commit(agent: Agent, subscription: Subscription, portion: Portion, toOffer: Resources): Sums {
    const { framework, role } = subscription;
    const isWhole = toOffer === portion.whole;
    const sums = isWhole ? portion.sums : sumsOf(toOffer, this.state.names);
    const offer = isWhole ? portion.allocatedTo(role.path) : toOffer.allocate(role.path);
    this.#record(agent, subscription, offer);
    if (sums.hasShared) {
      framework.history.add({
        agent: agent.id,
        role: role.path,
        resources: offer,
        timestampMs: this.now,
        outcome: 'OPEN',
      });
      agent.hold(framework.id, offer);
      charge(this.state, agent, framework, offer);
    } else {
      const grant = agent.grant(subscription, toOffer, offer, sums, this.now);
      framework.history.add(grant);
      chargeGrant(this.state, grant);
    }
    return sums;
  }

  #record(agent: Agent, subscription: Subscription, offer: Resources): void {
    if (subscription.offers === undefined) {
      subscription.offers = new Map();
      this.#offered.push(subscription);
    }
    // Mostly it is the first one on this agent, in this run or for long.
    const isFirst = agent.grants.length === 0 && !agent.total.hasShared;
    const before = isFirst ? undefined : subscription.offers.get(agent.id);
    subscription.offers.set(agent.id, before === undefined ? offer : before.add(offer));
  }

  /** One message for each framework that is offered something. */
  send(): void {
    const offered: Framework[] = [];
    for (const subscription of this.#offered) {
      const { framework, role, offers } = subscription;
      if (offers === undefined) continue;
      subscription.offers = undefined;
      if (framework.offers === undefined) {
        framework.offers = new Map();
        offered.push(framework);
      }
      framework.offers.set(role.path, offers);
    }
    for (const framework of offered) {
      const { offers } = framework;
      framework.offers = undefined;
      if (offers !== undefined) this.state.callbacks.offer(framework.id, offers);
    }
  }
}
