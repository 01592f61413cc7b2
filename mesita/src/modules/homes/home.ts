import type { InstanceOf, KindName, Module } from '@mesita/sdk/module';
import { calls, type FailurePolicy } from '@mesita/sdk/module/calls';
import type { Parameter } from '@mesita/sdk/types';
import { within } from '../deadline.ts';
import type { Home } from '../manifest.ts';
import { createInDaemon } from './daemon.ts';
import { jsonDialect, plainDialect } from './dialect.ts';
import {
  type CallLimits,
  createFailures,
  type Guarded,
  type GuardOptions,
  guard,
  type Target,
  targetOf,
} from './guard.ts';
import { guardRoutes } from './guarded-routes.ts';
import type { HomeState, Keeper } from './keeper.ts';
import { createBoundedLog, type HomeContext } from './lend-context.ts';
import type { Launch } from './life.ts';
import { createMemory, type Memory } from './memory.ts';
import { isSocket } from './open-program.ts';
import { launchProcess } from './process.ts';
import { launchProgram } from './program.ts';
import { remember } from './remember.ts';
import { createRemote } from './remote.ts';
import type { MethodStatistics } from './statistics.ts';
import { createValve, type Valve } from './valve.ts';
import { launchWorker } from './worker.ts';

/** One instance to be made, and where it shall live. */
export interface HomeSpec<K extends KindName = KindName> {
  readonly kind: K;
  /** Name of the instance. */
  readonly name: string;
  readonly home: Home;
  /** What the library was found to hold. */
  readonly module: Module;
  /** Where it was found: it is loaded again in a thread or process of its own. */
  readonly library: { readonly name: string; readonly path: string };
  readonly parameters: readonly Parameter[];
  readonly limits: {
    readonly memoryBytes?: number;
    readonly deadlineMs?: number;
    readonly createMs?: number;
  };
  readonly onFailure?: FailurePolicy | undefined;
  /** By method, where one needs limits of its own. */
  readonly methods?: Readonly<Record<string, CallLimits>>;
  /** Answers where the policy is `builtin`. */
  readonly builtin?: InstanceOf<K> | undefined;
  /** Of an instance before this one, whose place it shall take. */
  readonly memory?: Memory | undefined;
}

/** An instance in its home. */
export interface Housed<K extends KindName = KindName> {
  readonly kind: K;
  readonly instance: InstanceOf<K>;
  readonly state: HomeState;
  /** By method. */
  readonly statistics: ReadonlyMap<string, MethodStatistics>;
  readonly lastError: string | undefined;
  /** What the instance says to the daemon of itself goes through it. */
  readonly valve: Valve;
  /** To be published under `modules/<instance>/`. */
  metrics(): ReadonlyMap<string, number>;
  /** Tells it what is in the memory it was given. */
  recall(): Promise<void>;
  /** Undefined where it can hand nothing over. */
  readonly exportState?: (() => Promise<unknown>) | undefined;
  readonly importState?: ((state: unknown) => Promise<void>) | undefined;
  /** Ends the home; calls fail from then on. */
  stop(): Promise<void>;
}

const DEFAULT_MEMORY_BYTES = 256 << 20;
const DEFAULT_CREATE_MS = 30_000;
/** Calls wait while a version hands over. */
const HANDOVER_MS = 5_000;

/**
 * Makes an instance in the home its manifest names. It looks the same in each: a call ends within
 * its deadline, whatever the module does. Rejects when the module cannot be made.
 */
export async function createInHome<K extends KindName>(
  spec: HomeSpec<K>,
  context: HomeContext,
): Promise<Housed<K>> {
  if (spec.onFailure === 'builtin' && spec.builtin === undefined) {
    throw new Error(`There is no built-in ${spec.kind} to stand in for '${spec.name}'`);
  }
  if (spec.home !== 'daemon' && !mayLiveElsewhere(spec.kind)) {
    throw new Error(`A module of kind ${spec.kind} answers at once: its home is 'daemon'`);
  }
  const memory = spec.memory ?? createMemory(spec.kind);
  const options = guardOptions(spec, context);
  const failures = createFailures(options);
  const { routes, requests } = guardRoutes(context.routes, options, failures);
  const { target, keeper } = await createTarget(spec, { ...context, routes }, memory);
  return house(spec.kind, target, keeper, memory, (own) => guard(own, options, failures, requests));
}

/** An instance that is there already, in the daemon's own process. */
export function houseInstance<K extends KindName>(
  spec: Pick<HomeSpec<K>, 'kind' | 'name'> & { readonly memory: Memory },
  instance: InstanceOf<K>,
  context: HomeContext,
): Housed<K> {
  const options = guardOptions(spec, context);
  const target = targetOf(spec.kind, instance);
  return house(spec.kind, target, undefined, spec.memory, (own) => guard(own, options));
}

function guardOptions<K extends KindName>(
  spec: Pick<HomeSpec<K>, 'kind' | 'name'> & Partial<HomeSpec<K>>,
  { clock, log }: HomeContext,
): GuardOptions {
  const { kind, name, limits, onFailure, methods, builtin } = spec;
  return {
    ...{ kind, name, clock, log, onFailure, methods },
    ...{ deadlineMs: limits?.deadlineMs, builtin: builtin as object | undefined },
  };
}

/** What is called in the middle of a run cannot be waited for. The last metrics of one do. */
function mayLiveElsewhere(kind: KindName): boolean {
  return Object.entries(calls[kind].methods).every(
    ([name, { isImmediate }]) => !isImmediate || name === 'metrics',
  );
}

function house<K extends KindName>(
  kind: K,
  bare: Target,
  keeper: Keeper | undefined,
  memory: Memory,
  protect: (target: Target) => Guarded,
): Housed<K> {
  const valve = createValve();
  const { target, recall } = remember(bare, kind, memory, valve);
  const guarded = protect(target);
  let isStopped = false;
  return {
    kind,
    instance: guarded.instance as InstanceOf<K>,
    statistics: guarded.statistics,
    valve,
    recall: () => within(HANDOVER_MS, recall()),
    ...handoverOf(bare),
    get state() {
      return keeper?.state ?? (isStopped ? 'stopped' : 'running');
    },
    get lastError() {
      return guarded.lastError;
    },
    metrics() {
      const all = new Map(guarded.metrics());
      all.set('nonsense', (all.get('nonsense') as number) + (keeper?.nonsense ?? 0));
      return all.set('restarts', keeper?.restarts ?? 0);
    },
    async stop() {
      isStopped = true;
      valve.shut();
      guarded.close();
      await keeper?.stop();
    },
  };
}

function handoverOf(target: Target): Pick<Housed, 'exportState' | 'importState'> {
  const ask = async (method: string, ...args: readonly unknown[]) => target.call(method, args);
  return {
    ...(target.methods.has('exportState') && {
      exportState: () => within(HANDOVER_MS, ask('exportState')),
    }),
    ...(target.methods.has('importState') && {
      importState: async (state: unknown) => {
        await within(HANDOVER_MS, ask('importState', state));
      },
    }),
  };
}

async function createTarget(
  spec: HomeSpec,
  context: HomeContext,
  memory: Memory,
): Promise<{ readonly target: Target; readonly keeper?: Keeper }> {
  const { kind, name, home, module, parameters, limits } = spec;
  const createMs = limits.createMs ?? DEFAULT_CREATE_MS;
  if (home === 'daemon') {
    return { target: await createInDaemon({ kind, module, parameters, context, createMs }) };
  }
  const isProgram = home === 'program';
  return createRemote({
    ...{ kind, name, parameters, context, memory, createMs },
    dialect: home === 'worker' ? plainDialect : jsonDialect,
    hasHeartbeat: !isProgram,
    launch: await launcherOf(spec, context),
  });
}

async function launcherOf(spec: HomeSpec, context: HomeContext): Promise<Launch> {
  const { home, library, limits, module } = spec;
  const write = createBoundedLog(context);
  const common = {
    memoryBytes: limits.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    print: (line: string) => write('info', line),
  };
  if (home === 'program') {
    const { path } = library;
    return launchProgram({ ...common, path, isSocket: await isSocket(path) });
  }
  const guest = {
    ...common,
    library: { name: library.name, path: library.path, module: module.name },
  };
  return home === 'worker' ? launchWorker(guest) : launchProcess(guest);
}
