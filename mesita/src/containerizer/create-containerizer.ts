import { mkdir } from 'node:fs/promises';
import type { Clock, Logger } from '@mesita/sdk/base';
import type { Forker } from '../linux/launcher/forker.ts';
import { createNativeForker } from '../linux/launcher/native-forker.ts';
import { nativeLauncherPath } from '../linux/launcher/native-path.ts';
import { createShellForker } from '../linux/launcher/shell-forker.ts';
import { createFetcher } from './fetcher/fetcher.ts';
import { createCheckpoints } from './mesos/checkpoints.ts';
import type { ContainerizerContext } from './mesos/context.ts';
import { type CreateIsolator, createIsolators } from './mesos/isolation.ts';
import type { Launcher } from './mesos/launcher.ts';
import { createMesosContainerizer, type MesosContainerizer } from './mesos/mesos-containerizer.ts';
import { containersPath } from './mesos/paths.ts';
import { createPosixLauncher } from './mesos/posix-launcher.ts';
import { createOperationTracker } from './mesos/tracker.ts';

/** The agent's flags that concern containers, and what the daemon lends. */
export interface ContainerizerOptions {
  readonly workDir: string;
  readonly runtimeDir: string;
  /** `--launcher`; `posix` when absent. */
  readonly launcher?: string | undefined;
  /** `--launcher_dir`: where `mesita-launcher` is looked for first. */
  readonly launcherDir?: string | undefined;
  /** `--isolation`. */
  readonly isolation: string;
  readonly switchUser: boolean;
  readonly sandboxDirectory?: string | undefined;
  /** Built-in and module isolators by name. */
  readonly createIsolator: CreateIsolator;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Throws the text with which the agent refuses to start. */
export async function createContainerizer(
  options: ContainerizerOptions,
): Promise<MesosContainerizer> {
  const { runtimeDir, clock, log } = options;
  await mkdir(containersPath(runtimeDir), { recursive: true });
  const isolators = await createIsolators(options.isolation, options.createIsolator);
  const context: ContainerizerContext = {
    containers: new Map(),
    launcher: createLauncher(options),
    isolators,
    tracker: createOperationTracker(clock),
    checkpoints: createCheckpoints(runtimeDir),
    fetcher: createFetcher(),
    clock,
    log,
    switchUser: options.switchUser,
    sandboxDirectory: options.sandboxDirectory ?? '/mnt/mesos/sandbox',
    destroyErrors: 0,
  };
  return createMesosContainerizer(context);
}

function createLauncher(options: ContainerizerOptions): Launcher {
  const { runtimeDir, clock, log, launcher = 'posix' } = options;
  if (launcher === 'posix') {
    return createPosixLauncher({ runtimeDir, clock, log, forker: createForker(options) });
  }
  if (launcher === 'linux') throw new Error("The 'linux' launcher is not supported yet");
  if (launcher === 'windows') throw new Error("The 'windows' launcher works on Windows only");
  throw new Error(`Unknown or unsupported launcher: ${launcher}`);
}

function createForker({ launcherDir, log }: ContainerizerOptions): Forker {
  const program = nativeLauncherPath(launcherDir);
  if (program) return createNativeForker(program, log);
  log.warn('no compiled launcher found, using the shell: containers cost more memory');
  return createShellForker(log);
}
