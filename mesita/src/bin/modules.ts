// The modules of a daemon: loaded from what its flags name, before anything of it is touched.
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { isModuleSkipped } from '@mesita/sdk/module';
import { systemClock, systemRandom } from '../actor/clock.ts';
import { createHooks, type Hooks } from '../hooks/hooks.ts';
import { installHooks } from '../hooks/install.ts';
import { createModulesEndpoint } from '../modules/endpoint.ts';
import { loadFromFlags } from '../modules/load-from-flags.ts';
import { createModuleManager, type ModuleManager } from '../modules/manager.ts';
import type { Manifest } from '../modules/manifest.ts';
import { createModuleOperations } from '../modules/operations.ts';
import { createModuleRecorder } from '../modules/recording/record.ts';
import { createModulesProcess } from '../modules/routes.ts';
import { stopModules } from '../modules/stop-modules.ts';
import type { Gate } from '../net/gate.ts';
import type { HttpProcess } from '../net/http.ts';
import type { Metrics } from '../net/metrics.ts';

interface ModuleFlags {
  readonly modules: Manifest | undefined;
  readonly modulesDir: string | undefined;
  readonly modulePath: readonly string[] | undefined;
  readonly hooks: string | undefined;
  readonly recordModules?: string | undefined;
}

interface ModulesHost {
  readonly flags: ModuleFlags;
  /** Where `--modules` lies, when it was given as a file. */
  readonly manifestFile: string | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  readonly gate: Pick<Gate, 'authorized'>;
  readonly workDir: string;
  readonly runtimeDir: string;
  /** Of the routes of modules. */
  readonly realm: string;
}

export interface DaemonModules {
  readonly manager: ModuleManager;
  readonly hooks: Hooks;
  /** For built-ins: what modules get, under a name of the daemon's choice. */
  readonly contextOf: ModuleManager['contextOf'];
  readonly process: HttpProcess;
  /** Tells anonymous modules of the daemon's end, and ends the homes of all. */
  stop(): Promise<void>;
}

/** Loads, then makes the anonymous ones, then the hooks. Rejects with the text to leave with. */
export async function startModules(host: ModulesHost): Promise<DaemonModules> {
  const { flags, log, metrics, signal, workDir, runtimeDir } = host;
  const http = createModulesProcess(host.realm, (module, error) =>
    log.error('module failed to answer a request', { module, error }),
  );
  const recorder = createModuleRecorder(flags.recordModules, { clock: systemClock, log });
  const manager = createModuleManager({
    path: [...(flags.modulePath ?? []), ...(workDir === '' ? [] : [join(workDir, 'node_modules')])],
    clock: systemClock,
    random: systemRandom,
    recorder,
    ...{ log, metrics, signal, http, workDir, runtimeDir },
  });
  await loadFromFlags(manager, flags, host.manifestFile);
  for (const { name, module, library } of manager.loaded) {
    log.info('module loaded', { name, kind: module.kind, library: library.path });
  }
  let hooks: Hooks | undefined;
  const operations = createModuleOperations({
    ...{ manager, log, clock: systemClock },
    onChange: () => hooks?.refresh(),
  });
  http.answerRoot(createModulesEndpoint(manager.shop, operations, host.gate.authorized));
  await createAnonymous(manager, log);
  hooks = await startHooks(manager, host);
  return {
    ...{ manager, hooks },
    contextOf: manager.contextOf,
    process: http.process,
    async stop() {
      await stopModules(manager, log);
      await recorder.stop();
    },
  };
}

async function createAnonymous(manager: ModuleManager, log: Logger): Promise<void> {
  for (const name of manager.find('Anonymous')) {
    try {
      await manager.create('Anonymous', name);
    } catch (error) {
      const reason = (error as Error).message;
      if (!isModuleSkipped(error)) {
        throw new Error(`Failed to create anonymous module named '${name}': ${reason}`);
      }
      log.warn('module skipped', { name, reason });
    }
  }
}

async function startHooks(manager: ModuleManager, host: ModulesHost): Promise<Hooks> {
  const { flags, log, metrics } = host;
  const installed = await installHooks(flags.hooks, manager);
  const failures = new Map(
    installed.map(({ name }) => [name, metrics.counter(`modules/${name}/hook_failures`)]),
  );
  return createHooks(installed, {
    log,
    onFailure: (name) => failures.get(name)?.increment(),
  });
}
