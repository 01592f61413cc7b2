import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { createTestContext, type Isolator, type Params } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { createContainerizer } from '../../mesita/src/containerizer/create-containerizer.ts';
import type { MesosContainerizer } from '../../mesita/src/containerizer/mesos/mesos-containerizer.ts';
import { builtinIsolators } from '../../mesita/src/isolators/builtin.ts';
import { clone } from '../../mesita/src/linux/constants.ts';

export const cgroupsRoot = `mesita-bench-${process.pid}`;
const launcherDir = join(process.cwd(), 'mesita/dist');

const clock = {
  now: () => Date.now(),
  setTimer(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
const log = { debug() {}, info() {}, warn: console.warn, error: console.error };

/** A root file system that holds one static program under a few names. */
export function makeRootfs(): string {
  const rootfs = mkdtempSync(join(tmpdir(), 'mesita-bench-root-'));
  for (const name of ['bin', 'proc', 'dev', 'sys']) mkdirSync(join(rootfs, name));
  cpSync('/bin/busybox', join(rootfs, 'bin/busybox'));
  for (const name of ['sh', 'true', 'sleep']) symlinkSync('busybox', join(rootfs, 'bin', name));
  return rootfs;
}

/** What an OCI runtime does for its container: own namespaces, `/proc`, a root file system. */
function ociLike(rootfs: string): Isolator {
  const { NEWPID, NEWNS, NEWIPC, NEWUTS, NEWCGROUP } = clone;
  return {
    prepare: async () => ({
      workingDirectory: '/',
      cloneNamespaces: [NEWPID, NEWNS, NEWIPC, NEWUTS, NEWCGROUP],
      mounts: [
        // The root of a new file system must be a mount itself.
        { source: rootfs, target: rootfs, flags: 4096 | 16384 },
        { source: 'proc', target: join(rootfs, 'proc'), type: 'proc', flags: 14 },
      ],
    }),
  };
}

export interface BenchScene {
  readonly directory: string;
  readonly rootfs?: string | undefined;
  readonly containerizer: MesosContainerizer;
}

/** The containerizer of an agent with `--launcher=linux`, in this process. */
export async function openContainerizer(
  directory: string,
  isolation: string,
  rootfs?: string,
): Promise<BenchScene> {
  const context = {
    log,
    clock,
    workDir: join(directory, 'work'),
    runtimeDir: join(directory, 'run'),
  };
  const flags = { launcher: 'linux', cgroups_root: cgroupsRoot, launcher_dir: launcherDir };
  const containerizer = await createContainerizer({
    ...context,
    launcher: 'linux',
    launcherDir,
    cgroups: { hierarchy: '/sys/fs/cgroup', root: cgroupsRoot, destroyTimeoutMs: 60_000 },
    isolation: rootfs ? `${isolation},filesystem/oci` : isolation,
    switchUser: false,
    createIsolator: async (name) => {
      if (name === 'filesystem/oci' && rootfs) return ociLike(rootfs);
      const module = builtinIsolators.find((each) => each.name === name);
      const whole = { ...createTestContext().context, ...context };
      // biome-ignore lint/suspicious/noExplicitAny: each module has parameters of its own
      return module?.create(whole as never, { ...defaultsOf(module.parameters), ...flags } as any);
    },
  });
  return { directory, rootfs, containerizer };
}

function defaultsOf(parameters: Params): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { default: value }]) => [name, value]),
  );
}

const resources = Resources.parse('cpus:0.1;mem:32');

export async function launch(
  { directory, rootfs, containerizer }: BenchScene,
  name: string,
  command: readonly string[],
): Promise<ContainerID> {
  const sandbox = join(directory, 'work', name);
  await mkdir(sandbox, { recursive: true });
  const config: ContainerConfig = {
    directory: sandbox,
    ...(rootfs && { rootfs }),
    commandInfo: { shell: false, value: command[0], arguments: [...command] },
    executorInfo: { executorId: { value: name }, frameworkId: { value: 'bench' } },
    resources: resources.ok ? resources.value.toMessages() : [],
  };
  const id = { value: name };
  const environment = { PATH: '/usr/bin:/bin' };
  await containerizer.launch({ id, config, environment });
  return id;
}

export function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'mesita-bench-containers-'));
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  for (const hierarchy of readdirSync('/sys/fs/cgroup')) {
    try {
      rmdirSync(join('/sys/fs/cgroup', hierarchy, cgroupsRoot));
    } catch {
      // Not every controller was used.
    }
  }
}

/** How long `work` took, and the longest that the loop was held in it. */
export async function timed(work: () => Promise<void>): Promise<{ ms: number; heldMs: number }> {
  const delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  // What was held is known a turn later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  return { ms, heldMs: delay.max / 1e6 };
}
