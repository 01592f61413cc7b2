import type { InstanceOf, KindName, Module } from '@mesita/sdk/module';
import { calls, type FailurePolicy } from '@mesita/sdk/module/calls';
import type { Parameter } from '@mesita/sdk/types';
import type { Home } from '../manifest.ts';
import { createInDaemon } from './daemon.ts';
import { jsonDialect, plainDialect } from './dialect.ts';
import { type CallLimits, type Guarded, guard, type Target } from './guard.ts';
import type { HomeState, Keeper } from './keeper.ts';
import { createBoundedLog, type HomeContext } from './lend-context.ts';
import type { Launch } from './life.ts';
import { isSocket } from './open-program.ts';
import { launchProcess } from './process.ts';
import { launchProgram } from './program.ts';
import { createRemote } from './remote.ts';
import type { MethodStatistics } from './statistics.ts';
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
  readonly limits: { readonly memoryBytes?: number; readonly deadlineMs?: number };
  readonly onFailure?: FailurePolicy | undefined;
  /** By method, where one needs limits of its own. */
  readonly methods?: Readonly<Record<string, CallLimits>>;
  /** Answers where the policy is `builtin`. */
  readonly builtin?: InstanceOf<K>;
}

/** An instance in its home. */
export interface Housed<K extends KindName = KindName> {
  readonly instance: InstanceOf<K>;
  readonly state: HomeState;
  /** By method. */
  readonly statistics: ReadonlyMap<string, MethodStatistics>;
  readonly lastError: string | undefined;
  /** To be published under `modules/<instance>/`. */
  metrics(): ReadonlyMap<string, number>;
  /** Ends the home; calls fail from then on. */
  stop(): Promise<void>;
}

const DEFAULT_MEMORY_BYTES = 256 << 20;

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
  const { target, keeper } = await createTarget(spec, context);
  const guarded = guard(target, {
    ...{ kind: spec.kind, name: spec.name, clock: context.clock, log: context.log },
    ...{ deadlineMs: spec.limits.deadlineMs, onFailure: spec.onFailure },
    ...{ methods: spec.methods, builtin: spec.builtin as object | undefined },
  });
  return house<K>(guarded, keeper);
}

/** What is called in the middle of a run cannot be waited for. The last metrics of one do. */
function mayLiveElsewhere(kind: KindName): boolean {
  return Object.entries(calls[kind].methods).every(
    ([name, { isImmediate }]) => !isImmediate || name === 'metrics',
  );
}

function house<K extends KindName>(guarded: Guarded, keeper: Keeper | undefined): Housed<K> {
  let isStopped = false;
  return {
    instance: guarded.instance as InstanceOf<K>,
    statistics: guarded.statistics,
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
      guarded.close();
      await keeper?.stop();
    },
  };
}

async function createTarget(
  spec: HomeSpec,
  context: HomeContext,
): Promise<{ readonly target: Target; readonly keeper?: Keeper }> {
  const { kind, name, home, module, parameters } = spec;
  if (home === 'daemon') {
    return { target: await createInDaemon(kind, module, parameters, context) };
  }
  const isProgram = home === 'program';
  return createRemote({
    ...{ kind, name, parameters, context },
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
