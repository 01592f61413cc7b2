import type { Logger } from '@mesita/sdk/base';
import { readHierarchies } from '../linux/cgroups/hierarchies.ts';
import type { Forker } from '../linux/launcher/forker.ts';
import { createNativeForker } from '../linux/launcher/native-forker.ts';
import { nativeLauncherPath } from '../linux/launcher/native-path.ts';
import { createShellForker } from '../linux/launcher/shell-forker.ts';
import type { Launcher } from './mesos/launcher.ts';
import { createLinuxLauncher } from './mesos/linux-launcher.ts';
import { createPosixLauncher } from './mesos/posix-launcher.ts';
import type { SupervisedLauncherOptions } from './mesos/supervised-launcher.ts';

export interface CgroupOptions {
  /** `--cgroups_hierarchy` */
  readonly hierarchy: string;
  /** `--cgroups_root` */
  readonly root: string;
  /** `--cgroups_destroy_timeout` */
  readonly destroyTimeoutMs: number;
}

interface LauncherOptions {
  readonly launcher?: string | undefined;
  readonly launcherDir?: string | undefined;
  readonly forker?: 'native' | 'shell' | undefined;
  readonly cgroups?: CgroupOptions | undefined;
}

type LauncherPlan =
  | { readonly name: 'posix'; readonly isCompiled: boolean }
  | { readonly name: 'linux'; readonly cgroups: CgroupOptions };

const defaultCgroups: CgroupOptions = {
  hierarchy: '/sys/fs/cgroup',
  root: 'mesos',
  destroyTimeoutMs: 60_000,
};

/** `--launcher` when nobody gave it: `linux` wherever that can work. */
export function defaultLauncher(options: LauncherOptions): 'linux' | 'posix' {
  return typeof linuxPlan(options) === 'string' ? 'posix' : 'linux';
}

/** Throws the text with which the agent refuses to start. */
export function planLauncher(options: LauncherOptions): LauncherPlan {
  const name = options.launcher ?? 'posix';
  const failed = 'Failed to create launcher: ';
  if (name === 'posix') return { name, isCompiled: isCompiled(options) };
  if (name === 'windows') throw new Error(`${failed}The 'windows' launcher works on Windows only`);
  if (name !== 'linux') throw new Error(`${failed}Unknown or unsupported launcher: ${name}`);
  const plan = linuxPlan(options);
  if (typeof plan === 'string') throw new Error(failed + plan);
  return plan;
}

/** Or the reason why there is none. */
function linuxPlan(options: LauncherOptions): Extract<LauncherPlan, { name: 'linux' }> | string {
  if (process.platform !== 'linux') return "The 'linux' launcher works on Linux only";
  if (process.getuid?.() !== 0) return "The 'linux' launcher requires root permissions";
  if (!isCompiled(options)) {
    return "The 'linux' launcher needs the compiled launcher, which is built where a C compiler is";
  }
  const cgroups = options.cgroups ?? defaultCgroups;
  const hierarchies = readHierarchies(cgroups.hierarchy);
  if (hierarchies.find('freezer') === undefined) {
    return `The 'linux' launcher needs the freezer cgroup or cgroups v2 below '${cgroups.hierarchy}'`;
  }
  return { name: 'linux', cgroups };
}

/** The compiled launcher, unless it is not to be used. */
export function launcherProgram({ forker, launcherDir }: LauncherOptions): string | undefined {
  return forker === 'shell' ? undefined : nativeLauncherPath(launcherDir);
}

function isCompiled(options: LauncherOptions): boolean {
  return launcherProgram(options) !== undefined;
}

export function createLauncher(plan: LauncherPlan, options: SupervisedLauncherOptions): Launcher {
  if (plan.name === 'posix')
    return createPosixLauncher({ ...options, isCompiled: plan.isCompiled });
  const { root, destroyTimeoutMs } = plan.cgroups;
  return createLinuxLauncher({
    ...options,
    // Isolators may have mounted more meanwhile.
    hierarchies: readHierarchies(plan.cgroups.hierarchy),
    cgroupsRoot: root,
    // Under the common name another agent of this machine may have its containers.
    ownsCgroupsRoot: root !== defaultCgroups.root,
    cgroupsDestroyTimeoutMs: destroyTimeoutMs,
  });
}

export function createForker(options: LauncherOptions & { readonly log: Logger }): Forker {
  const program = launcherProgram(options);
  if (program) return createNativeForker(program, options.log);
  if (options.forker !== 'shell') {
    options.log.warn('no compiled launcher found, using the shell: containers cost more memory');
  }
  return createShellForker(options.log);
}
