import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Wish } from './workload.ts';

interface Running {
  readonly framework: FrameworkId;
  readonly agent: AgentId;
  readonly role: string;
  readonly sinceMs: number;
  resources: Resources;
}

type OnTask = (framework: FrameworkId, wish: Wish) => void;

/**
 * Reads tasks out of a recording. A launch does not say whose it is: it belongs to a framework
 * that holds an offer of that agent with enough in it.
 */
export class TaskLog {
  readonly #onTask: OnTask;
  readonly #open = new Map<AgentId, Map<FrameworkId, Resources>>();
  readonly #running = new Map<AgentId, Running[]>();
  readonly #alike = new Map<string, Resources>();

  constructor(onTask: OnTask) {
    this.#onTask = onTask;
  }

  offer(framework: FrameworkId, agent: AgentId, resources: Resources): void {
    const offers = this.#openOn(agent);
    offers.set(framework, (offers.get(framework) ?? Resources.empty).add(resources));
  }

  takeBack(framework: FrameworkId, agent: AgentId, resources: Resources): void {
    const offers = this.#openOn(agent);
    const left = (offers.get(framework) ?? Resources.empty).subtract(resources);
    if (left.isEmpty) offers.delete(framework);
    else offers.set(framework, left);
  }

  launch(atMs: number, agent: AgentId, resources: Resources): void {
    const offers = [...this.#openOn(agent)];
    const found = offers.find(([, offered]) => offered.contains(resources)) ?? offers[0];
    if (found === undefined) return;
    const [framework] = found;
    this.takeBack(framework, agent, resources);
    for (const [role, part] of resources.allocations()) {
      this.#runningOn(agent).push({ framework, agent, role, sinceMs: atMs, resources: part });
    }
  }

  /** Tasks that were launched together may end one by one. */
  end(atMs: number, framework: FrameworkId, agent: AgentId, resources: Resources): void {
    const candidates = this.#runningOn(agent).filter((each) => each.framework === framework);
    const found =
      candidates.find((each) => each.resources.equals(resources)) ??
      candidates.find((each) => each.resources.contains(resources));
    if (found !== undefined) this.#finish(atMs, found, resources);
  }

  endOn(atMs: number, agent: AgentId): void {
    for (const each of [...this.#runningOn(agent)]) this.#finish(atMs, each, each.resources);
    this.#open.delete(agent);
  }

  endOf(atMs: number, framework: FrameworkId): void {
    for (const list of this.#running.values()) {
      for (const each of list.filter((one) => one.framework === framework))
        this.#finish(atMs, each, each.resources);
    }
    for (const offers of this.#open.values()) offers.delete(framework);
  }

  endAll(atMs: number): void {
    for (const agent of [...this.#running.keys()]) this.endOn(atMs, agent);
  }

  #finish(atMs: number, running: Running, part: Resources): void {
    const { framework, agent, role, sinceMs } = running;
    const durationMs = Math.max(1, atMs - sinceMs);
    this.#onTask(framework, { atMs: sinceMs, role, needs: this.#shared(part), durationMs });
    running.resources = running.resources.subtract(part);
    if (!running.resources.isEmpty) return;
    const left = this.#runningOn(agent).filter((each) => each !== running);
    this.#running.set(agent, left);
  }

  /** One object for all tasks that are alike. */
  #shared(resources: Resources): Resources {
    const key = [...resources.allocations()].map(([role, part]) => `${role} ${part}`).join();
    const known = this.#alike.get(key);
    if (known?.equals(resources)) return known;
    this.#alike.set(key, resources);
    return resources;
  }

  #openOn(agent: AgentId): Map<FrameworkId, Resources> {
    const offers = this.#open.get(agent) ?? new Map<FrameworkId, Resources>();
    this.#open.set(agent, offers);
    return offers;
  }

  #runningOn(agent: AgentId): Running[] {
    const list = this.#running.get(agent) ?? [];
    this.#running.set(agent, list);
    return list;
  }
}
