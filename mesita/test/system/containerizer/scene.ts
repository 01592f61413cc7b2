import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import {
  type ContainerizerOptions,
  createContainerizer,
} from '../../../src/containerizer/create-containerizer.ts';
import { defaultLauncher } from '../../../src/containerizer/launchers.ts';
import type { MesosContainerizer } from '../../../src/containerizer/mesos/mesos-containerizer.ts';
import type { NamedIsolator } from '../../../src/containerizer/mesos/named-isolator.ts';
import { removeRootGroups } from '../../harness/hierarchies.ts';
import { unmountBelow } from '../../harness/mounts.ts';
import { createBuiltin, flagsOf } from './builtin-isolators.ts';

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
  /** Of all its containers on the linux launcher. */
  readonly rootGroup: string;
  /** Starts a shell in a container, of its own or nested; its sandbox. */
  launch(
    id: string | ContainerID,
    script: string,
    more?: Partial<ContainerConfig>,
  ): Promise<string>;
  /** The same, until it has ended. */
  run(id: string | ContainerID, script: string, more?: Partial<ContainerConfig>): Promise<Ended>;
  sandbox(name: string): string;
  read(...path: string[]): string;
  end(): Promise<void>;
}

interface Ended {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
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
  const directories = { workDir: join(root, 'work'), runtimeDir: join(root, 'run') };
  const surroundings = { ...directories, clock, log, signal: ending.signal };
  const createBuiltinNamed = createBuiltin(surroundings, { ...flagsOf(changes), ...flags });
  const options: ContainerizerOptions = {
    ...directories,
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
  const removeTraces = (): void => {
    // What an isolator was running may still write its end.
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    if (options.cgroups) removeRootGroups(options.cgroups.root);
  };
  const containerizer = await createContainerizer(options).catch((error: unknown) => {
    removeTraces();
    throw error;
  });
  const scene: Scene = {
    root,
    options,
    containerizer,
    rootGroup: options.cgroups?.root ?? '',
    async launch(idOrName, script, more) {
      const id = typeof idOrName === 'string' ? rootId(idOrName) : idOrName;
      const config = shellConfig(id.parent ? '' : scene.sandbox(id.value), script, more);
      await containerizer.launch({ id, config, environment });
      return join(root, 'work', sandboxOf(id));
    },
    async run(idOrName, script, more) {
      const id = typeof idOrName === 'string' ? rootId(idOrName) : idOrName;
      const sandbox = await scene.launch(id, script, more);
      const end = await containerizer.wait(id);
      const read = (file: string): string => readFileSync(join(sandbox, file), 'utf8');
      return { status: end?.status, out: read('stdout'), err: read('stderr') };
    },
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
      removeTraces();
    },
  };
  return scene;
}

function sandboxOf({ value, parent }: ContainerID): string {
  return parent ? join(sandboxOf(parent), 'containers', value) : value;
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

/** On the linux launcher. As after a restart, where `before` is given: its directories and groups. */
export function createLinuxScene(
  isolation: string,
  flags: object = {},
  before?: Scene,
): Promise<Scene> {
  const { launcher, cgroups } = linuxLauncher();
  const root = before?.rootGroup ?? cgroups.root;
  const options = { launcher, cgroups: { ...cgroups, root }, isolation };
  return createScene(options, before?.root, { cgroups_root: root, ...flags });
}

/** For tests of what every launcher promises. */
export const availableLaunchers = [
  { name: 'posix', launcher: () => ({ launcher: 'posix' }) },
  ...(canUseLinuxLauncher ? [{ name: 'linux', launcher: linuxLauncher }] : []),
];

const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

export function resources(text: string): Resources {
  const parsed = Resources.parse(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

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
