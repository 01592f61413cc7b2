import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import { createTestContext, type Params } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import {
  type ContainerizerOptions,
  createContainerizer,
} from '../../../src/containerizer/create-containerizer.ts';
import { defaultLauncher } from '../../../src/containerizer/launchers.ts';
import type { CreateIsolator } from '../../../src/containerizer/mesos/isolation.ts';
import type { MesosContainerizer } from '../../../src/containerizer/mesos/mesos-containerizer.ts';
import type { NamedIsolator } from '../../../src/containerizer/mesos/named-isolator.ts';
import { builtinIsolators } from '../../../src/isolators/builtin.ts';
import { unmountBelow } from '../../harness/mounts.ts';

export const clock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

export const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export interface Scene {
  readonly root: string;
  readonly containerizer: MesosContainerizer;
  readonly options: ContainerizerOptions;
  sandbox(name: string): string;
  read(...path: string[]): string;
  end(): Promise<void>;
}

function createBuiltin(
  workDir: string,
  runtimeDir: string,
  signal: AbortSignal,
  flags: object,
): CreateIsolator {
  const context = { log, clock, workDir, runtimeDir, signal };
  const random = { next: Math.random, uuid: () => randomUUID() };
  return async (name) => {
    const module = builtinIsolators.find((each) => each.name === name);
    const whole = { ...createTestContext().context, ...context, random };
    // biome-ignore lint/suspicious/noExplicitAny: each module has parameters of its own
    return module?.create(whole, { ...defaultsOf(module.parameters), ...flags } as any);
  };
}

function flagsOf({ launcher, isolation }: Partial<ContainerizerOptions>): object {
  return { ...(launcher !== undefined && { launcher }), ...(isolation && { isolation }) };
}

function defaultsOf(parameters: Params): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { default: value }]) => [name, value]),
  );
}

export async function createScene(
  changes: Partial<ContainerizerOptions> = {},
  root = mkdtempSync(join(tmpdir(), 'mesita-containers-')),
  /** Flags that isolators are made with. */
  flags: Readonly<Record<string, unknown>> = {},
  /** In place of built-ins of these names. */
  own: readonly NamedIsolator[] = [],
): Promise<Scene> {
  const ending = new AbortController();
  const createBuiltinNamed = createBuiltin(join(root, 'work'), join(root, 'run'), ending.signal, {
    ...flagsOf(changes),
    ...flags,
  });
  const options: ContainerizerOptions = {
    workDir: join(root, 'work'),
    runtimeDir: join(root, 'run'),
    isolation: 'posix/cpu,posix/mem',
    switchUser: true,
    fetcherCacheDir: join(root, 'cache'),
    createIsolator: async (name) =>
      own.find((each) => each.name === name)?.isolator ?? createBuiltinNamed(name),
    clock,
    log,
    ...changes,
  };
  // Other users must be able to reach their sandboxes.
  chmodSync(root, 0o755);
  const containerizer = await createContainerizer(options).catch((error: unknown) => {
    rmSync(root, { recursive: true, force: true });
    throw error;
  });
  return {
    root,
    options,
    containerizer,
    sandbox(name) {
      const path = join(root, 'work', name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    read: (...path) => readFileSync(join(root, ...path), 'utf8'),
    async end() {
      for (const id of await containerizer.containers()) {
        if (!id.parent) await containerizer.destroy(id);
      }
      await containerizer.close();
      ending.abort();
      unmountBelow(root);
      rmSync(root, { recursive: true, force: true });
      if (options.cgroups) removeRootGroups(options.cgroups.root);
    },
  };
}

const own = {
  launcher: 'linux',
  cgroups: { hierarchy: '/sys/fs/cgroup', destroyTimeoutMs: 60_000 },
};

/** False where this machine or this user cannot: the tests that need it are skipped. */
export const canUseLinuxLauncher = defaultLauncher({}) === 'linux';

/** The linux launcher, with a root group that no other test has. */
export function linuxLauncher() {
  return { ...own, cgroups: { ...own.cgroups, root: `mesita-test-${randomUUID().slice(0, 8)}` } };
}

/** For tests of what every launcher promises. */
export const availableLaunchers = [
  { name: 'posix', launcher: () => ({ launcher: 'posix' }) },
  ...(canUseLinuxLauncher ? [{ name: 'linux', launcher: linuxLauncher }] : []),
];

export function shellConfig(
  directory: string,
  value: string,
  more: Partial<ContainerConfig> = {},
): ContainerConfig {
  return {
    directory,
    commandInfo: { value, shell: true },
    executorInfo: { executorId: { value: 'executor' }, frameworkId: { value: 'framework' } },
    ...more,
  };
}

/** Fails when a container left anything in them. */
export function removeRootGroups(name: string): void {
  for (const hierarchy of ['.', ...readdirSync('/sys/fs/cgroup')]) {
    const group = join('/sys/fs/cgroup', hierarchy, name);
    if (existsSync(group)) rmdirSync(group);
  }
}

export function rootId(value: string): ContainerID {
  return { value };
}

/** Polls a state of the world, for what no promise tells. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 50_000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error(`Never became true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
