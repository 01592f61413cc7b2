import type { AgentId, FrameworkId, Logger, Random } from '@mesita/sdk/base';
import type { AllocatorCallbacks, AllocatorContext, AllocatorOptions } from '@mesita/sdk/module';
import { Agenda } from './agenda.ts';
import type { Agent } from './agent.ts';
import { Candidates } from './candidates.ts';
import type { Framework, Subscription } from './framework.ts';
import type { KnownResources } from './known-resources.ts';
import type { Limits } from './limits.ts';
import { limitsOf, nestedLimits, ownLimits } from './limits.ts';
import { Numbers } from './numbers.ts';
import type { AllocatorParts } from './parts.ts';
import type { ResourceNames } from './quantities.ts';
import type { Role } from './role-tree.ts';
import { RoleTree } from './role-tree.ts';
import { DrfSorter } from './sorter/drf-sorter.ts';
import { ModuleSorter } from './sorter/module-sorter.ts';
import { RandomSorter } from './sorter/random-sorter.ts';
import type { Sorter } from './sorter/sorter.ts';
import { ClusterTotals } from './totals.ts';

/** Everything the allocator knows. */
export class State {
  readonly log: Logger;
  readonly random: Random;
  readonly agenda: Agenda;
  readonly startTimer: AllocatorContext['startTimer'];
  readonly options: AllocatorOptions;
  readonly callbacks: AllocatorCallbacks;

  readonly totals: ClusterTotals;
  readonly names: ResourceNames;
  readonly known: KnownResources;
  readonly agents = new Map<AgentId, Agent>();
  readonly frameworks = new Map<FrameworkId, Framework>();
  readonly numbers = new Numbers();
  /** Removed frameworks, for their metrics; the oldest goes first. */
  completed: Framework[] = [];
  readonly roles: RoleTree;
  readonly parts: AllocatorParts;
  readonly limits: Limits;
  readonly roleSorter: Sorter<Role>;
  readonly candidates = new Candidates();
  /** Agents with resources that came back and are to be offered soon. */
  readonly recovered = new Set<Agent>();
  /** Host names that may be offered; undefined allows all. */
  whitelist: ReadonlySet<string> | undefined;
  isPaused = false;
  isRunQueued = false;
  /** Grows whenever somebody may want or may have what nobody took before. */
  demand = 0;
  /** Frameworks that have minimums of their own. */
  ownMinimums = 0;
  nextSerial = 1;
  /** Agents to wait for after a recovery. */
  expectedAgents: number | undefined;
  /** Runs performed, with or without offers. */
  runs = 0;

  constructor(
    context: AllocatorContext,
    options: AllocatorOptions,
    callbacks: AllocatorCallbacks,
    parts: AllocatorParts,
  ) {
    this.log = context.log;
    this.parts = parts;
    this.random = context.random;
    this.startTimer = context.startTimer;
    this.agenda = new Agenda(context.clock);
    this.options = options;
    this.callbacks = callbacks;
    this.totals = new ClusterTotals(options.fairnessExcludedResourceNames);
    this.names = this.totals.names;
    this.known = this.totals.known;
    const isNested = options.corrections?.has('nested_limits') ?? false;
    this.roles = new RoleTree(this.names, isNested || parts.quotaPolicy !== undefined);
    this.limits =
      parts.quotaPolicy === undefined
        ? isNested
          ? nestedLimits
          : ownLimits
        : limitsOf(parts.quotaPolicy, this.names, this.log);
    this.roleSorter = this.#makeSorter();
  }

  frameworkSorter(): Sorter<Subscription> {
    return this.#makeSorter();
  }

  #makeSorter<T>(): Sorter<T> {
    const { sorter: part } = this.parts;
    if (part !== undefined)
      return new ModuleSorter<T>(part, this.totals, this.log) as unknown as Sorter<T>;
    const sorter =
      this.options.roleSorter === 'random'
        ? new RandomSorter<T>(this.random, this.options.corrections)
        : new DrfSorter<T>(this.totals, this.options.corrections);
    return sorter as Sorter<T>;
  }
}
