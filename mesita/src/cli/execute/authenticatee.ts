import { join } from 'node:path';
import process from 'node:process';
import type { Logger } from '@mesita/sdk/base';
import type { HttpAuthenticatee } from '@mesita/sdk/module';
import { systemClock, systemRandom } from '../../actor/clock.ts';
import { loadFromFlags } from '../../modules/load-from-flags.ts';
import { createModuleManager } from '../../modules/manager.ts';
import { createModulesProcess } from '../../modules/routes.ts';
import { stopModules } from '../../modules/stop-modules.ts';
import { createMetrics } from '../../net/metrics.ts';
import { Problem } from '../problem.ts';
import type { ExecuteFlags } from './flags.ts';

interface Authenticatee {
  /** Undefined: the scheduler library's own, `basic`. */
  readonly instance: HttpAuthenticatee | undefined;
  stop(): Promise<void>;
}

const BUILTIN = 'basic';

/** Loads modules as a daemon does; throws a Problem with Mesos' words. */
export async function createHttpAuthenticatee(
  flags: ExecuteFlags,
  say: (text: string) => void,
): Promise<Authenticatee> {
  const ending = new AbortController();
  const log = createLog(say);
  const http = createModulesProcess('', () => {});
  const manager = createModuleManager({
    path: [...(flags.modulePath ?? []), join(process.cwd(), 'node_modules')],
    ...{ clock: systemClock, random: systemRandom, log, http, signal: ending.signal },
    metrics: createMetrics(systemClock),
    ...{ workDir: '', runtimeDir: '' },
  });
  await loadFromFlags(manager, flags, flags.manifestFile).catch(refuse);
  const { httpAuthenticatee: name } = flags;
  const instance =
    name === BUILTIN
      ? undefined
      : await manager.create('HttpAuthenticatee', name).catch((error: Error) => {
          return refuse(new Error(`Failed to load HTTP authenticatee: ${error.message}`));
        });
  return {
    instance,
    stop() {
      ending.abort();
      return stopModules(manager, log);
    },
  };
}

function refuse(error: Error): never {
  throw new Problem(error.message, 'See --modules and --http_authenticatee.');
}

/** What a module says is told like everything else; what only explains is not. */
function createLog(say: (text: string) => void): Logger {
  const tell = (text: string, fields: object = {}) =>
    say([text, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(' '));
  return { debug() {}, info() {}, warn: tell, error: tell };
}
