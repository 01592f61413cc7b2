import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { AllocatorOptions, FrameworkOptions, Quota } from '@mesita/sdk/module';
import { parseAttributes, ResourceLimits, Resources } from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo } from '@mesita/sdk/types';
import { HierarchicalAllocator } from '../../hierarchical-allocator.ts';
import { SeededRandom } from '../seeded-random.ts';
import {
  AGENT_CAPABILITIES,
  ATTRIBUTES,
  CAPABILITIES,
  describe,
  MINIMUMS,
  ORDER_KEEPING,
  quantities,
  REVOCABLE,
  ROLES,
  sharedVolume,
  someConstraints,
  TASKS,
  TOP_ROLES,
  TOTALS,
} from './material.ts';
import { ReferenceAllocator, type ReferenceCalls } from './reference-allocator.ts';
import { type Held, type InverseOffer, Side } from './side.ts';

/**
 * Lives through random events with the fast allocator and the reference, and throws an error that
 * tells the whole story as soon as they decide differently.
 */
export class Comparison {
  readonly #seed: number;
  readonly #chance: SeededRandom;
  readonly #fast: Side<HierarchicalAllocator>;
  readonly #plain: Side<ReferenceAllocator>;
  readonly #story: string[] = [];
  readonly #agents = new Map<AgentId, Resources>();
  readonly #frameworks = new Map<FrameworkId, { info: FrameworkInfo; isActive: boolean }>();
  #open: Held[] = [];
  #running: Held[] = [];
  #asked: InverseOffer[] = [];
  readonly #isRandom: boolean;
  #isPausing = false;
  #names = 0;
  /** How many offers were found equal. */
  offers = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#chance = new SeededRandom(seed);
    this.#isRandom = this.#isTrue(0.2);
    const sorter = this.#isRandom ? 'random' : 'drf';
    const options: AllocatorOptions = {
      allocationIntervalMs: 1000,
      roleSorter: sorter,
      frameworkSorter: sorter,
      fairnessExcludedResourceNames: new Set(),
      filterGpuResources: this.#isTrue(0.7),
      minAllocatable: this.#isTrue(0.5) ? ['cpus:1', 'mem:64'].map(quantities) : [],
      recoveryTimeoutMs: 20_000,
      agentRecoveryFactor: 0.8,
      maxCompletedFrameworks: 5,
      publishPerFrameworkMetrics: false,
      regexMaxMemoryBytes: 4096,
      regexMaxProgramSize: 100,
    };
    this.#fast = new Side((clock) => {
      const fail = (text: string, fields?: object) => {
        throw new Error(`${text} ${JSON.stringify(fields)}`);
      };
      const log = { debug() {}, info() {}, warn() {}, error: fail };
      return new HierarchicalAllocator({ clock, random: ORDER_KEEPING, log });
    }, options);
    const draw = this.#isRandom ? ORDER_KEEPING : undefined;
    this.#plain = new Side((clock) => new ReferenceAllocator(clock, draw), options);
    if (this.#isTrue(0.15)) this.#recover();
    // A later weight of an inner node may come too late by the rules; see §10.2.
    this.#setWeights(ROLES.filter(() => this.#isTrue(0.4)));
  }

  #recover(): void {
    const expected = this.#index(6);
    const quota = { guarantees: quantities('cpus:2'), limits: ResourceLimits.unlimited };
    const quotas = new Map(TOP_ROLES.filter(() => this.#isTrue(0.4)).map((role) => [role, quota]));
    this.#both(`recover ${expected} agents, quotas of ${[...quotas.keys()]}`, (allocator) =>
      allocator.recover(expected, quotas),
    );
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.#step();
      // Several events may come before anything is allocated.
      if (this.#isTrue(0.75)) this.#settle();
    }
    this.#settle();
  }

  #isTrue(probability: number): boolean {
    return this.#chance.next() < probability;
  }

  #index(length: number): number {
    return Math.floor(this.#chance.next() * length);
  }

  #pick<T>(items: Iterable<T>): T | undefined {
    const list = [...items];
    return list[this.#index(list.length)];
  }

  #both(text: string, act: (allocator: ReferenceCalls) => void): void {
    this.#story.push(text);
    try {
      act(this.#fast.allocator);
    } catch (cause) {
      this.#fail(`the allocator complains: ${cause}`);
    }
    act(this.#plain.allocator);
  }

  #settle(ms = 0): void {
    for (const { clock } of [this.#fast, this.#plain]) {
      if (ms > 0) clock.advance(ms);
      clock.settle();
    }
    const [fast, plain] = [this.#fast.take(), this.#plain.take()];
    for (const [key, { resources }] of fast) {
      const other = plain.get(key)?.resources;
      if (other === undefined || !resources.equals(other))
        this.#fail(`${key}: ${resources}, by the rules ${other ?? tell(plain)}`);
      this.#story.push(`  offered ${key}: ${resources}`);
    }
    for (const [key, { resources }] of plain)
      if (!fast.has(key)) this.#fail(`${key}: nothing, by the rules ${resources}`);
    this.offers += fast.size;
    this.#open.push(...fast.values());
    this.#compareInverseOffers();
    if (!this.#isRandom) this.#compareShares();
  }

  #compareInverseOffers(): void {
    const [fast, plain] = [this.#fast.takeInverse(), this.#plain.takeInverse()];
    const texts = (offers: readonly InverseOffer[]) =>
      offers.map(({ framework, agent }) => `${framework} ${agent}`).sort();
    const [ours, rules] = [texts(fast).join(), texts(plain).join()];
    if (ours !== rules) this.#fail(`inverse offers ${ours}, by the rules ${rules}`);
    if (ours !== '') this.#story.push(`  inverse offers ${ours}`);
    this.#asked.push(...fast);
    const answers = ({ allocator }: Side<HierarchicalAllocator | ReferenceAllocator>) =>
      [...allocator.inverseOfferStatuses()]
        .flatMap(([agent, statuses]) =>
          [...statuses].map(([framework, { status }]) => `${agent} ${framework} ${status}`),
        )
        .sort();
    const [known, told] = [answers(this.#fast).join(), answers(this.#plain).join()];
    if (known !== told) this.#fail(`answers ${known}, by the rules ${told}`);
  }

  #compareShares(): void {
    const metrics = this.#fast.allocator.metrics();
    const { roleSorter, sorters } = this.#plain.allocator.books;
    for (const role of sorters.keys()) {
      const fast = metrics.get(`allocator/mesos/roles/${role}/shares/dominant`) ?? 0;
      const plain = roleSorter.shareOf(role) ?? 0;
      if (Math.abs(fast - plain) > 1e-9) this.#fail(`share of ${role}: ${fast}, not ${plain}`);
    }
  }

  #fail(what: string): never {
    const story = this.#story.slice(-400).join('\n');
    throw new Error(`seed ${this.#seed}, ${what}\n${story}`);
  }

  #step(): void {
    const at = this.#chance.next() * EVENTS_TOTAL;
    let sum = 0;
    for (const [event, weight] of EVENTS) {
      sum += weight;
      if (at < sum) {
        this[event]();
        return;
      }
    }
  }

  advance(): void {
    const ms = this.#pick([500, 1000, 1000, 2000, 5000, 700]) ?? 0;
    this.#story.push(`advance ${ms} ms`);
    // By steps, so that every difference is found when it arises.
    for (let left = ms; left > 0; left -= 500) this.#settle(Math.min(left, 500));
  }

  addAgent(): void {
    if (this.#agents.size >= 5) return;
    const id = `agent${this.#names++}` as AgentId;
    const total = this.#total();
    const info: AgentInfo = {
      hostname: `h${this.#index(3)}`,
      id: { value: id },
      attributes: this.#attributes(),
    };
    const plan = this.#isTrue(0.15) ? PLAN : undefined;
    const capabilities = AGENT_CAPABILITIES.filter(() => this.#isTrue(0.9)).map((type) => ({
      type,
    }));
    this.#agents.set(id, total);
    const known = capabilities.map(({ type }) => type).join();
    const state = `${JSON.stringify(info.attributes)}${plan ? ', maintenance' : ''}`;
    this.#both(`add ${id} on ${info.hostname} with ${total} (${known}) ${state}`, (allocator) =>
      allocator.addAgent(id, info, capabilities, plan, total, new Map()),
    );
    this.#infos.set(id, info);
  }
  readonly #infos = new Map<AgentId, AgentInfo>();

  #total(): Resources {
    const total = this.#pick(TOTALS) ?? Resources.empty;
    const shared = this.#isTrue(0.25) ? sharedVolume(this.#pick([undefined, 'a', 'b'])) : undefined;
    const all = shared === undefined ? total : total.add(shared);
    return this.#isTrue(0.2) ? all.add(REVOCABLE) : all;
  }

  #attributes(): NonNullable<AgentInfo['attributes']> {
    return unwrap(parseAttributes(this.#pick(ATTRIBUTES) ?? ''));
  }

  relabel(): void {
    const id = this.#pick(this.#agents.keys());
    const known = id && this.#infos.get(id);
    if (id === undefined || known === undefined) return;
    const info = { ...known, attributes: this.#attributes() };
    this.#infos.set(id, info);
    this.#both(`relabel ${id}: ${JSON.stringify(info.attributes)}`, (allocator) =>
      allocator.updateAgent(id, info),
    );
  }

  maintain(): void {
    const id = this.#pick(this.#agents.keys());
    if (id === undefined) return;
    const plan = this.#isTrue(0.7) ? PLAN : undefined;
    this.#both(`${plan ? 'plan' : 'cancel'} maintenance of ${id}`, (allocator) =>
      allocator.updateUnavailability(id, plan),
    );
  }

  answerInverse(): void {
    const asked = this.#pick(this.#asked);
    if (asked === undefined) return;
    this.#asked = this.#asked.filter((other) => other !== asked);
    const { framework, agent } = asked;
    if (!this.#agents.has(agent) || !this.#frameworks.has(framework)) return;
    const status = this.#pick(['ACCEPT', 'DECLINE', undefined] as const);
    const answer = status && { status, framework, timestampMs: 0 };
    const refuseSeconds = this.#pick([0, 0.5, 2, 5, 60]) ?? 5;
    const filters = this.#isTrue(0.7) ? { refuseSeconds } : undefined;
    this.#both(
      `${framework} answers ${status} about ${agent}, ${JSON.stringify(filters)}`,
      (allocator) => allocator.updateInverseOffer(agent, framework, undefined, answer, filters),
    );
  }

  /** As a master does around what belongs together. */
  pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#both('pause', (allocator) => allocator.pause());
    for (let left = this.#index(3); left > 0; left--) {
      this.#step();
      if (this.#isTrue(0.3)) this.#settle();
    }
    this.#both('resume', (allocator) => allocator.resume());
    this.#isPausing = false;
  }

  removeAgent(): void {
    const id = this.#pick(this.#agents.keys());
    if (id === undefined) return;
    this.#giveBackAll((held) => held.agent === id);
    this.#agents.delete(id);
    this.#both(`remove ${id}`, (allocator) => allocator.removeAgent(id));
  }

  updateAgent(): void {
    const id = this.#pick(this.#agents.keys());
    const info = id && this.#infos.get(id);
    if (id === undefined || info === undefined) return;
    const total = this.#total();
    const used = this.#heldWhere((held) => held.agent === id).withSingleCopies();
    // What is in use stays; less than that is a state of its own, told elsewhere.
    if (!total.contains(used)) return;
    this.#agents.set(id, total);
    this.#both(`update ${id} to ${total}`, (allocator) => allocator.updateAgent(id, info, total));
  }

  #heldWhere(isWanted: (held: Held) => boolean): Resources {
    const parts = [...this.#open, ...this.#running].filter(isWanted);
    return Resources.sum(parts.map(({ resources }) => resources.unallocate()));
  }

  toggleAgent(): void {
    const id = this.#pick(this.#agents.keys());
    if (id === undefined) return;
    if (this.#isTrue(0.6)) this.#both(`activate ${id}`, (allocator) => allocator.activateAgent(id));
    else this.#both(`deactivate ${id}`, (allocator) => allocator.deactivateAgent(id));
  }

  whitelist(): void {
    const names = this.#isTrue(0.6) ? undefined : new Set(['h0', 'h1']);
    this.#both(`whitelist ${names ? [...names] : 'everybody'}`, (allocator) =>
      allocator.updateWhitelist(names),
    );
  }

  #info(id: FrameworkId): FrameworkInfo {
    const roles = ROLES.filter(() => this.#isTrue(0.25));
    const [role = 'a'] = roles;
    const extra = CAPABILITIES.filter(() => this.#isTrue(0.6)).map((type) => ({ type }));
    const offerFilters = this.#isTrue(0.2) ? this.#minimums(roles) : undefined;
    const base = { user: 'u', name: id, id: { value: id }, ...(offerFilters && { offerFilters }) };
    if (roles.length <= 1 && this.#isTrue(0.5)) return { ...base, role, capabilities: extra };
    const capabilities = [{ type: 'MULTI_ROLE' as const }, ...extra];
    return { ...base, roles: roles.length === 0 ? [role] : roles, capabilities };
  }

  #minimums(roles: readonly string[]): NonNullable<FrameworkInfo['offerFilters']> {
    const alternatives = Array.from({ length: this.#index(3) }, () => {
      const minimum = quantities(this.#pick(MINIMUMS) ?? '');
      return { quantities: minimum.toScalars() };
    });
    const filters = { minAllocatableResources: { quantities: alternatives } };
    return Object.fromEntries(roles.filter(() => this.#isTrue(0.7)).map((role) => [role, filters]));
  }

  #options(info: FrameworkInfo, suppressed: number): FrameworkOptions {
    const suppressedRoles = new Set((info.roles ?? []).filter(() => this.#isTrue(suppressed)));
    const role = this.#pick(info.roles ?? [info.role ?? '*']);
    if (role === undefined || this.#isTrue(0.75)) return { suppressedRoles };
    const pick = <T>(items: readonly T[]) => this.#pick(items) as T;
    return { suppressedRoles, offerConstraints: someConstraints(role, pick) };
  }

  addFramework(): void {
    if (this.#frameworks.size >= 6) return;
    const id = `f${this.#names++}` as FrameworkId;
    const info = this.#info(id);
    const isActive = this.#isTrue(0.9);
    const options = this.#options(info, 0.15);
    this.#frameworks.set(id, { info, isActive });
    this.#both(
      `add ${isActive ? 'active' : 'inactive'} ${describe(info)}, ${tellOptions(options)}`,
      (allocator) => allocator.addFramework(id, info, new Map(), isActive, options),
    );
  }

  removeFramework(): void {
    const id = this.#pick(this.#frameworks.keys());
    if (id === undefined) return;
    this.#both(`deactivate ${id}`, (allocator) => allocator.deactivateFramework(id));
    this.#giveBackAll((held) => held.framework === id);
    this.#frameworks.delete(id);
    this.#both(`remove ${id}`, (allocator) => allocator.removeFramework(id));
  }

  updateFramework(): void {
    const id = this.#pick(this.#frameworks.keys());
    const known = id && this.#frameworks.get(id);
    // An update of an inactive one would make it active in the sorters; masters don't.
    if (id === undefined || !known?.isActive) return;
    const info = this.#info(id);
    if ((known.info.roles === undefined) !== (info.roles === undefined)) return;
    known.info = info;
    const options = this.#options(info, 0.2);
    this.#both(`update ${describe(info)}, ${tellOptions(options)}`, (allocator) =>
      allocator.updateFramework(id, info, options),
    );
  }

  toggleFramework(): void {
    const id = this.#pick(this.#frameworks.keys());
    const known = id && this.#frameworks.get(id);
    if (id === undefined || known === undefined) return;
    known.isActive = !known.isActive;
    if (known.isActive)
      this.#both(`activate ${id}`, (allocator) => allocator.activateFramework(id));
    else this.#both(`deactivate ${id}`, (allocator) => allocator.deactivateFramework(id));
  }

  suppress(): void {
    this.#ofActive('suppress', (allocator, id, roles) => allocator.suppressOffers(id, roles));
  }

  revive(): void {
    this.#ofActive('revive', (allocator, id, roles) => allocator.reviveOffers(id, roles));
  }

  #ofActive(
    what: string,
    act: (allocator: ReferenceCalls, id: FrameworkId, roles: ReadonlySet<string>) => void,
  ): void {
    const id = this.#pick(this.#frameworks.keys());
    const known = id && this.#frameworks.get(id);
    if (id === undefined || !known?.isActive) return;
    const all = known.info.roles ?? [known.info.role ?? '*'];
    const roles = new Set(this.#isTrue(0.5) ? [] : all.filter(() => this.#isTrue(0.5)));
    this.#both(`${what} ${id} ${[...roles]}`, (allocator) => act(allocator, id, roles));
  }

  answer(): void {
    const held = this.#pick(this.#open);
    if (held === undefined) return;
    this.#open = this.#open.filter((other) => other !== held);
    const { framework, agent, resources, role } = held;
    const task = (this.#pick(TASKS) ?? Resources.empty).allocate(role);
    const isLaunched = this.#isTrue(0.5) && resources.contains(task);
    const left = isLaunched ? resources.subtract(task) : resources;
    const refuseSeconds = this.#pick([0, 0.3, 1, 1, 2, 5, 60]) ?? 5;
    const filters = this.#isTrue(0.7) ? { refuseSeconds } : undefined;
    const wait = filters ? `, refused for ${refuseSeconds} s` : '';
    const name = `${framework} ${role} ${agent}`;
    if (isLaunched) {
      this.#both(`launch ${name}: ${task}`, (allocator) =>
        allocator.transitionOfferedToAllocated(agent, task),
      );
      this.#running.push({ ...held, resources: task });
    }
    this.#both(`give back ${name}: ${left}${wait}`, (allocator) =>
      allocator.recoverResources(framework, agent, left, filters, false),
    );
  }

  finish(): void {
    const held = this.#pick(this.#running);
    if (held !== undefined) this.#giveBackAll((other) => other === held);
  }

  #giveBackAll(isWanted: (held: Held) => boolean): void {
    for (const isRunning of [false, true]) {
      const list = isRunning ? this.#running : this.#open;
      for (const held of list.filter(isWanted)) {
        const { framework, agent, resources, role } = held;
        this.#both(`recover ${framework} ${role} ${agent}: ${resources}`, (allocator) =>
          allocator.recoverResources(framework, agent, resources, undefined, isRunning),
        );
      }
    }
    this.#open = this.#open.filter((held) => !isWanted(held));
    this.#running = this.#running.filter((held) => !isWanted(held));
  }

  setQuota(): void {
    const role = this.#pick(TOP_ROLES) ?? 'a';
    const guarantees = this.#pick(['', '', 'cpus:2', 'cpus:3;mem:100', 'mem:250', 'cpus:50']) ?? '';
    const limits = this.#pick(['', '', '', 'cpus:4', 'cpus:60;mem:600', 'mem:0']) ?? '';
    const quota: Quota = {
      guarantees: quantities(guarantees),
      limits: unwrap(ResourceLimits.parse(limits)),
    };
    this.#both(`quota of ${role}: at least ${guarantees}, at most ${limits}`, (allocator) =>
      allocator.updateQuota(role, quota),
    );
  }

  setWeight(): void {
    this.#setWeights(['c', '*'].filter(() => this.#isTrue(0.5)));
  }

  #setWeights(roles: readonly string[]): void {
    const weights = roles.map((role) => ({
      role,
      weight: this.#pick([0.5, 1, 2, 3.5]) ?? 1,
    }));
    const text = weights.map(({ role, weight }) => `${role}=${weight}`).join();
    this.#both(`weights ${text}`, (allocator) => allocator.updateWeights(weights));
  }
}

function tell(offers: ReadonlyMap<string, Held>): string {
  const texts = [...offers].map(([key, { resources }]) => `${key}: ${resources}`);
  return texts.length === 0 ? 'nothing' : texts.join(', ');
}

function tellOptions({ suppressedRoles, offerConstraints }: FrameworkOptions): string {
  return `suppressed ${[...suppressedRoles]} ${JSON.stringify(offerConstraints?.roleConstraints ?? {})}`;
}

const PLAN = { start: { nanoseconds: 1_000_000_000n } };

/** What happens, and how often in proportion. */
const EVENTS = [
  ['advance', 10],
  ['answer', 16],
  ['finish', 6],
  ['addAgent', 5],
  ['addFramework', 5],
  ['removeAgent', 1],
  ['updateAgent', 2],
  ['toggleAgent', 1],
  ['whitelist', 0.5],
  ['removeFramework', 1],
  ['updateFramework', 2],
  ['toggleFramework', 1.5],
  ['suppress', 2],
  ['revive', 3],
  ['relabel', 1],
  ['maintain', 1.5],
  ['answerInverse', 4],
  ['pause', 1],
  ['setQuota', 2],
  ['setWeight', 0.5],
] as const;
const EVENTS_TOTAL = EVENTS.reduce((sum, [, weight]) => sum + weight, 0);
