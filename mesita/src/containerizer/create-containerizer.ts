import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, GIGABYTE, type Logger } from '@mesita/sdk/base';
import type { ContainerLogger } from '@mesita/sdk/module';
import type { Forker } from '../linux/launcher/forker.ts';
import { createFetcherCache } from './fetcher/cache.ts';
import { createFetcher, type Fetcher } from './fetcher/fetcher.ts';
import {
  type CgroupOptions,
  createForker,
  createLauncher,
  launcherProgram,
  planLauncher,
} from './launchers.ts';
import { createBreathing } from './mesos/breathing.ts';
import { createCheckpoints } from './mesos/checkpoints.ts';
import type { ContainerizerContext } from './mesos/context.ts';
import { createIoSwitchboard } from './mesos/io-switchboard/io-switchboard.ts';
import { sandboxLogger } from './mesos/io-switchboard/sandbox-logger.ts';
import { type CreateIsolator, createIsolators } from './mesos/isolation.ts';
import { createMesosContainerizer, type MesosContainerizer } from './mesos/mesos-containerizer.ts';
import { containersPath } from './mesos/paths.ts';
import { createOperationTracker } from './mesos/tracker.ts';
import { unwrapped, type Wrap } from './wrap.ts';

/** The agent's flags that concern containers, and what the daemon lends. */
export interface ContainerizerOptions {
  readonly workDir: string;
  readonly runtimeDir: string;
  /** `--launcher`; `posix` when absent. */
  readonly launcher?: string | undefined;
  /** `--launcher_dir`: where `mesita-launcher` is looked for first. */
  readonly launcherDir?: string | undefined;
  /** `shell`: as if nobody had compiled the launcher. */
  readonly forker?: 'native' | 'shell' | undefined;
  /** What the `linux` launcher needs to know of cgroups. */
  readonly cgroups?: CgroupOptions | undefined;
  /** `--isolation`. */
  readonly isolation: string;
  readonly switchUser: boolean;
  readonly sandboxDirectory?: string | undefined;
  readonly frameworksHome?: string | undefined;
  readonly fetcherCacheDir?: string | undefined;
  readonly fetcherCacheBytes?: number | undefined;
  readonly fetcherStallTimeoutMs?: number | undefined;
  /** Built-in and module isolators by name. */
  readonly createIsolator: CreateIsolator;
  /** Of `--container_logger`; the sandbox's own files when absent. */
  readonly createLogger?: (() => Promise<ContainerLogger>) | undefined;
  /** Called when all is in the sandbox, before anything runs in it. Never rejects. */
  readonly afterFetch?: ContainerizerContext['afterFetch'];
  /** Around the parts that act; nothing when absent. */
  readonly wrap?: Wrap | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Throws the text with which the agent refuses to start. */
export async function createContainerizer(
  options: ContainerizerOptions,
): Promise<MesosContainerizer> {
  const { runtimeDir, clock, log, wrap = unwrapped } = options;
  const plan = planLauncher(options);
  const isolators = await createIsolators(options.isolation, options.createIsolator);
  const logger = await createLogger(options);
  // Only now: a start that is refused leaves nothing behind.
  await mkdir(containersPath(runtimeDir), { recursive: true });
  const forker = createForker(options);
  const launcher = createLauncher(plan, { runtimeDir, clock, log, forker });
  const context: ContainerizerContext = {
    containers: new Map(),
    launcher: wrap('launcher', launcher),
    switchboard: wrap(
      'switchboard',
      createIoSwitchboard({
        ...{ logger, runtimeDir, forker, clock, log },
        program: launcherProgram(options),
      }),
    ),
    isolators: isolators.map(({ name, isolator }) => ({
      name,
      isolator: wrap('isolator', isolator),
    })),
    tracker: createOperationTracker(clock),
    breathe: createBreathing(),
    checkpoints: wrap('checkpoints', createCheckpoints(runtimeDir)),
    fetcher: wrap('fetcher', createFetcherFor(options, forker)),
    afterFetch: options.afterFetch,
    clock,
    log,
    switchUser: options.switchUser,
    sandboxDirectory: options.sandboxDirectory ?? '/mnt/mesos/sandbox',
    sandboxLeft: () => {},
    destroyErrors: 0,
  };
  return createMesosContainerizer(context);
}

function createFetcherFor(options: ContainerizerOptions, forker: Forker): Fetcher {
  const { fetcherCacheBytes = 2 * GIGABYTE, fetcherStallTimeoutMs = 60_000 } = options;
  return createFetcher({
    forker,
    cache: createFetcherCache(fetcherCachePath(options), fetcherCacheBytes),
    frameworksHome: options.frameworksHome,
    stallTimeoutMs: fetcherStallTimeoutMs,
  });
}

async function createLogger({ createLogger }: ContainerizerOptions): Promise<ContainerLogger> {
  const failing = (what: string) => (cause: Error) => {
    throw new Error(`Failed to create I/O switchboard: ${what}: ${cause.message}`, { cause });
  };
  const logger = await createLogger?.().catch(failing('Cannot create container logger'));
  await (async () => logger?.initialize?.())().catch(failing('Cannot initialize container logger'));
  return logger ?? sandboxLogger;
}

/** One below the flag's directory for each agent of the machine: each empties its own. */
function fetcherCachePath({ fetcherCacheDir, workDir }: ContainerizerOptions): string {
  const name = createHash('sha256').update(workDir).digest('hex').slice(0, 16);
  return join(fetcherCacheDir ?? join(tmpdir(), 'mesos/fetch'), name);
}
