import type { Agent } from './agent.ts';

/** The agents the next run looks at. */
export class Candidates {
  readonly #single = new Set<Agent>();
  // All agents with a smaller serial number: asking for everything costs nothing.
  #allBefore = 0;

  add(agent: Agent): void {
    if (agent.serial >= this.#allBefore) this.#single.add(agent);
  }

  addAll(nextSerial: number): void {
    this.#allBefore = nextSerial;
    this.#single.clear();
  }

  remove(agent: Agent): void {
    this.#single.delete(agent);
  }

  /** Empties the set. `agents` holds the known ones in the order of their serial numbers. */
  take(agents: Iterable<Agent>): Agent[] {
    const taken: Agent[] = [];
    if (this.#allBefore > 0) {
      for (const agent of agents) {
        if (agent.serial >= this.#allBefore) break;
        taken.push(agent);
      }
    }
    for (const agent of this.#single) taken.push(agent);
    this.#single.clear();
    this.#allBefore = 0;
    return taken;
  }
}
