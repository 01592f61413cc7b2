import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { AllocatorCorrection, AllocatorOptions } from '@mesita/sdk/module';
import {
  parseAttributes,
  ResourceLimits,
  ResourceQuantities,
  Resources,
} from '@mesita/sdk/resources';
import type {
  AgentInfo,
  FrameworkInfo,
  Offer,
  Resource,
  scheduler,
  Unavailability,
} from '@mesita/sdk/types';
import { HierarchicalAllocator } from '../hierarchical-allocator.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Runs the commands of a story and writes what the allocator answers under them. */
export function runTranscript(text: string): string {
  const story = new Story();
  const blocks = text.trimEnd().split(/\n\n+/);
  return `${blocks.map((block) => runBlock(story, block)).join('\n\n')}\n`;
}

function runBlock(story: Story, block: string): string {
  const [commands = ''] = block.split(/^----$/m);
  const lines = commands.trimEnd().split('\n');
  const isCommand = (line: string) => line !== '' && !line.startsWith('#');
  if (!lines.some(isCommand)) return lines.join('\n');
  const answers = lines.filter(isCommand).flatMap((line) => story.run(line));
  return [...lines, '----', ...answers].join('\n');
}

type Named = Readonly<Record<string, string>>;

class Story {
  readonly #clock = new VirtualClock();
  #allocator: HierarchicalAllocator | undefined;
  #options: Partial<AllocatorOptions> = {};
  readonly #agents = new Map<string, AgentInfo>();
  readonly #frameworks = new Set<string>();
  /** By framework, role and agent. */
  readonly #open = new Map<string, Resources>();
  #answers: string[] = [];

  run(line: string): string[] {
    this.#answers = [];
    const [verb = '', ...words] = line.split(' ').filter((word) => word !== '');
    const named: Record<string, string> = {};
    const plain: string[] = [];
    for (const word of words) {
      const match = /^([a-z]+)=(.*)$/s.exec(word);
      if (match === null) plain.push(word);
      else named[match[1] as string] = match[2] as string;
    }
    const command = this.#commands[verb];
    if (command === undefined) throw new Error(`unknown command ${verb}`);
    command(plain, named);
    this.#clock.settle();
    return this.#answers;
  }

  get #it(): HierarchicalAllocator {
    if (this.#allocator === undefined) {
      const say = (text: string) => this.#answers.push(`error: ${text}`);
      const log = { debug() {}, info() {}, warn() {}, error: say };
      this.#allocator = new HierarchicalAllocator({
        clock: this.#clock,
        random: new SeededRandom(1),
        log,
      });
      this.#allocator.initialize(
        { ...DEFAULTS, ...this.#options },
        {
          offer: (framework, roles) => {
            for (const [role, agents] of roles) {
              for (const [agent, resources] of [...agents].sort(([a], [b]) => (a < b ? -1 : 1))) {
                const key = `${framework} ${role} ${agent}`;
                this.#open.set(key, (this.#open.get(key) ?? Resources.empty).add(resources));
                this.#answers.push(
                  `${this.#time()} ${framework} as ${role}: ${agent} ${shown(resources)}`,
                );
              }
            }
          },
          inverseOffer: (framework, agents) => {
            for (const agent of agents.keys())
              this.#answers.push(`${this.#time()} inverse offer to ${framework}: ${agent}`);
          },
        },
      );
    }
    return this.#allocator;
  }

  #time(): string {
    return `${this.#clock.now() / 1000}s`;
  }

  /** Open offers of a framework, on one agent or on all. */
  #offersTo(
    framework: string,
    agent?: string,
  ): { role: string; agent: string; key: string; resources: Resources }[] {
    const offers = [...this.#open].map(([key, resources]) => {
      const [to, role = '', on = ''] = key.split(' ');
      return { key, to, role, agent: on, resources };
    });
    return offers.filter(
      (offer) => offer.to === framework && (agent === undefined || offer.agent === agent),
    );
  }

  #infoOf(name: string, named: Named): FrameworkInfo {
    const roles = (named.roles ?? '*').split(',');
    const capabilities = ['MULTI_ROLE', ...(named.caps?.split(',') ?? [])];
    return {
      id: { value: name },
      name,
      user: 'user',
      roles,
      capabilities: capabilities.map((type) => ({
        type: type as NonNullable<FrameworkInfo.Capability['type']>,
      })),
      ...(named.min !== undefined && {
        offerFilters: Object.fromEntries(
          roles.map((role) => [
            role,
            {
              minAllocatableResources: {
                quantities: minimums(named.min).map((quantities) => ({
                  quantities: quantities.toScalars(),
                })),
              },
            },
          ]),
        ),
      }),
    };
  }

  readonly #commands: Readonly<Record<string, (words: string[], named: Named) => void>> = {
    options: (_, named) => {
      this.#options = {
        ...(named.min !== undefined && { minAllocatable: minimums(named.min) }),
        ...(named.exclude !== undefined && {
          fairnessExcludedResourceNames: new Set(named.exclude.split(',')),
        }),
        ...(named.region !== undefined && { domain: domain(named.region) }),
        ...(named.corrections !== undefined && {
          corrections: new Set(named.corrections.split(',') as AllocatorCorrection[]),
        }),
        ...(named.soon !== undefined && { recoveredOfferDelayMs: Number(named.soon) }),
      };
    },
    framework: ([name = '', state], named) => {
      this.#frameworks.add(name);
      const used = named.used === undefined ? [] : [usedBy(named.used)];
      this.#it.addFramework(
        name as FrameworkId,
        this.#infoOf(name, named),
        new Map(used as [AgentId, Resources][]),
        state !== 'inactive',
        frameworkOptions(named),
      );
    },
    update: ([name = ''], named) =>
      this.#it.updateFramework(
        name as FrameworkId,
        this.#infoOf(name, named),
        frameworkOptions(named),
      ),
    agent: ([name = '', total = ''], named) => {
      const info: AgentInfo = {
        hostname: named.host ?? name,
        id: { value: name },
        attributes: unwrap(parseAttributes(named.attributes ?? '')),
        ...(named.region !== undefined && { domain: domain(named.region) }),
      };
      this.#agents.set(name, info);
      const used = named.used === undefined ? [] : [usedBy(named.used)];
      const plan = named.maintenance === undefined ? undefined : unavailability(named.maintenance);
      this.#it.addAgent(
        name as AgentId,
        info,
        capabilities(named.caps),
        plan,
        parse(total),
        new Map(used as [FrameworkId, Resources][]),
      );
    },
    resize: ([name = '', total = '']) =>
      this.#it.updateAgent(name as AgentId, this.#agents.get(name) as AgentInfo, parse(total)),
    relabel: ([name = '', attributes = '']) => {
      const info = {
        ...(this.#agents.get(name) as AgentInfo),
        attributes: unwrap(parseAttributes(attributes)),
      };
      this.#agents.set(name, info);
      this.#it.updateAgent(name as AgentId, info);
    },
    upgrade: ([name = '']) =>
      this.#it.updateAgent(
        name as AgentId,
        this.#agents.get(name) as AgentInfo,
        undefined,
        capabilities(undefined),
      ),
    provider: ([name = '', total = ''], named) => {
      const used = named.used === undefined ? [] : [usedBy(named.used)];
      this.#it.addResourceProvider(
        name as AgentId,
        parse(total),
        new Map(used as [FrameworkId, Resources][]),
      );
    },
    remove: ([name = '']) => {
      for (const key of this.#open.keys())
        if (key.split(' ').includes(name)) this.#open.delete(key);
      if (this.#frameworks.has(name)) this.#it.removeFramework(name as FrameworkId);
      else this.#it.removeAgent(name as AgentId);
    },
    activate: ([name = '']) =>
      this.#frameworks.has(name)
        ? this.#it.activateFramework(name as FrameworkId)
        : this.#it.activateAgent(name as AgentId),
    deactivate: ([name = '']) =>
      this.#frameworks.has(name)
        ? this.#it.deactivateFramework(name as FrameworkId)
        : this.#it.deactivateAgent(name as AgentId),
    decline: ([framework = '', agent], named) => {
      for (const { key, agent: on, resources } of this.#offersTo(framework, agent)) {
        this.#open.delete(key);
        const filters = named.for === 'none' ? undefined : filtersOf(named);
        this.#it.recoverResources(
          framework as FrameworkId,
          on as AgentId,
          resources,
          filters,
          false,
        );
      }
    },
    launch: ([framework = '', agent = '', amount], named) => {
      for (const { key, role, resources } of this.#offersTo(framework, agent)) {
        this.#open.delete(key);
        const used = amount === undefined ? resources : parse(amount).allocate(role);
        const filters = named.for === undefined ? undefined : filtersOf(named);
        this.#it.recoverResources(
          framework as FrameworkId,
          agent as AgentId,
          resources.subtract(used),
          filters,
          false,
        );
        this.#it.transitionOfferedToAllocated(agent as AgentId, used);
      }
    },
    finish: ([framework = '', agent = '', role = '', amount = '']) =>
      this.#it.recoverResources(
        framework as FrameworkId,
        agent as AgentId,
        parse(amount).allocate(role),
        undefined,
        true,
      ),
    convert: ([framework = '', agent = '', consumed = '', converted = '']) => {
      for (const { key, role, resources } of this.#offersTo(framework, agent)) {
        const conversion = {
          consumed: parse(consumed).allocate(role),
          converted: parse(converted).allocate(role),
        };
        this.#it.updateAllocation(framework as FrameworkId, agent as AgentId, resources, [
          conversion,
        ]);
        this.#open.set(key, unwrap(resources.convert([conversion])));
      }
    },
    reserve: ([agent = '', amount = '']) =>
      this.#operate(agent, { type: 'RESERVE', reserve: { resources: parse(amount).toMessages() } }),
    unreserve: ([agent = '', amount = '']) =>
      this.#operate(agent, {
        type: 'UNRESERVE',
        unreserve: { resources: parse(amount).toMessages() },
      }),
    suppress: ([framework = '', roles]) =>
      this.#it.suppressOffers(framework as FrameworkId, new Set(roles?.split(','))),
    revive: ([framework = '', roles]) =>
      this.#it.reviveOffers(framework as FrameworkId, new Set(roles?.split(','))),
    quota: ([role = ''], named) =>
      this.#it.updateQuota(role, {
        guarantees: unwrap(ResourceQuantities.parse(named.guarantee ?? '')),
        limits: unwrap(ResourceLimits.parse(named.limit ?? '')),
      }),
    recover: ([expected = '', role = ''], named) =>
      this.#it.recover(
        Number(expected),
        new Map([
          [
            role,
            {
              guarantees: unwrap(ResourceQuantities.parse(named.guarantee ?? '')),
              limits: ResourceLimits.unlimited,
            },
          ],
        ]),
      ),
    weight: ([role = '', weight = '']) =>
      this.#it.updateWeights([{ role, weight: Number(weight) }]),
    whitelist: (hosts) => this.#it.updateWhitelist(hosts[0] === 'all' ? undefined : new Set(hosts)),
    maintenance: ([agent = '', start = '']) =>
      this.#it.updateUnavailability(
        agent as AgentId,
        start === 'none' ? undefined : unavailability(start),
      ),
    answer: ([framework = '', agent = '', status = ''], named) =>
      this.#it.updateInverseOffer(
        agent as AgentId,
        framework as FrameworkId,
        undefined,
        {
          status: status as 'ACCEPT' | 'DECLINE',
          framework: framework as FrameworkId,
          timestampMs: 0,
        },
        named.for === undefined ? undefined : filtersOf(named),
      ),
    pause: () => this.#it.pause(),
    resume: () => this.#it.resume(),
    tick: ([seconds = '1']) => {
      for (let left = Number(seconds); left > 0; left -= 0.5) {
        this.#clock.advance(Math.min(left, 0.5) * 1000);
        this.#clock.settle();
      }
    },
    metrics: ([prefix = '']) => {
      for (const [name, value] of this.#it.metrics()) {
        if (name.startsWith(prefix)) this.#answers.push(`${name} ${Number(value.toPrecision(6))}`);
      }
    },
    explain: ([framework = '', role, agent]) => this.#explain(framework, role, agent),
  };

  #operate(agent: string, operation: Offer.Operation): void {
    const result = this.#it.updateAvailable(agent as AgentId, [operation]);
    if (!result.ok) this.#answers.push(`refused: ${result.error}`);
  }

  #explain(framework: string, role?: string, agent?: string): void {
    const explanation = this.#it.explain(
      framework as FrameworkId,
      role,
      agent as AgentId | undefined,
    );
    for (const { role: path, agents, before } of explanation?.roles ?? []) {
      for (const { agent: id, gate = 'open', reason } of agents)
        this.#answers.push(`${path} ${id}: ${gate}: ${reason}`);
      const names = before.map(({ framework: id, share }) => `${id} (${share?.toFixed(2)})`);
      if (names.length > 0) this.#answers.push(`${path}: after ${names.join(', ')}`);
    }
    for (const { agent: id, role: path, resources, outcome } of explanation?.offers ?? []) {
      this.#answers.push(`offered ${id} as ${path}: ${shown(resources)}: ${outcome}`);
    }
  }
}

const DEFAULTS: AllocatorOptions = {
  allocationIntervalMs: 1000,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set(),
  filterGpuResources: true,
  minAllocatable: minimums('cpus:0.01|mem:32'),
  recoveryTimeoutMs: 600_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 50,
  publishPerFrameworkMetrics: true,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};

function minimums(text = ''): ResourceQuantities[] {
  return text
    .split('|')
    .filter((part) => part !== '' && part !== 'none')
    .map((part) => unwrap(ResourceQuantities.parse(part)));
}

/** `cpus:2;mem:64`; `volume:64`, `shared:64`, `mount:64` and `spare:2` (revocable cpus) are short for what texts cannot say. */
function parse(text: string): Resources {
  const parts = text
    .split(';')
    .filter((part) => part !== '')
    .map((part) => special(part) ?? unwrap(Resources.parse(part)));
  return Resources.sum(parts);
}

function special(part: string): Resources | undefined {
  const match = /^(volume|shared|mount|spare)(?:\((\w+)\))?:(\d+)$/.exec(part);
  if (match === null) return undefined;
  const [, kind, role, amount] = match;
  const message: Resource = {
    name: kind === 'spare' ? 'cpus' : 'disk',
    type: 'SCALAR',
    scalar: { value: Number(amount) },
    ...(role !== undefined && { reservations: [{ type: 'STATIC', role }] }),
    ...(kind === 'spare' && { revocable: {} }),
    ...(kind === 'mount' && {
      disk: { source: { type: 'MOUNT', mount: { root: `/disk${amount}` } } },
    }),
    ...((kind === 'volume' || kind === 'shared') && {
      disk: { persistence: { id: 'id' }, volume: { containerPath: 'data', mode: 'RW' } },
    }),
    ...(kind === 'shared' && { shared: {} }),
  };
  return Resources.of([message]);
}

/** `name:role:resources` */
function usedBy(text: string): [string, Resources] {
  const [name = '', role = '', ...rest] = text.split(':');
  return [name, parse(rest.join(':')).allocate(role)];
}

function shown(resources: Resources): string {
  return resources.unallocate().toString().split('; ').sort().join('; ');
}

function filtersOf(named: Named): { refuseSeconds?: number } {
  return named.for === undefined ? {} : { refuseSeconds: Number(named.for) };
}

function frameworkOptions(named: Named) {
  const suppressedRoles = new Set(named.suppressed?.split(','));
  if (named.constraint === undefined) return { suppressedRoles };
  const offerConstraints: scheduler.OfferConstraints = {
    roleConstraints: {
      [named.roles ?? '*']: {
        groups: [{ attributeConstraints: [exists(named.constraint)] }],
      },
    },
  };
  return { suppressedRoles, offerConstraints };
}

function exists(attributeName: string): scheduler.AttributeConstraint {
  return { selector: { attributeName }, predicate: { exists: {} } };
}

function capabilities(text: string | undefined): AgentInfo.Capability[] {
  if (text === 'none') return [];
  return (text?.split(',') ?? ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT']).map(
    (type) => ({
      type: type as NonNullable<AgentInfo.Capability['type']>,
    }),
  );
}

function domain(region: string): NonNullable<AgentInfo['domain']> {
  return { faultDomain: { region: { name: region }, zone: { name: 'zone' } } };
}

function unavailability(start: string): Unavailability {
  return { start: { nanoseconds: BigInt(start) * 1_000_000_000n } };
}
