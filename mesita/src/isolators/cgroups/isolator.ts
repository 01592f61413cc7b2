import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Isolator, ModuleSkipped, type ResourceLimitMap } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { ContainerID, ContainerInfo } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerState } from '@mesita/sdk/types/containerizer';
import { enableControllers } from '../../linux/cgroups/controllers.ts';
import { agentGroup, makeGroup, removeGroups } from '../../linux/cgroups/groups.ts';
import { type Hierarchies, readHierarchies } from '../../linux/cgroups/hierarchies.ts';
import { mountHierarchy } from '../../linux/cgroups/mount-hierarchy.ts';
import { createGroupBook } from './group-book.ts';
import type { CgroupIsolatorOptions, Group } from './subsystem.ts';

/**
 * The life of a container's group around what a subsystem does with it. Nested containers are in
 * their parent's group, unless they say `share_cgroups: false`.
 */
export async function createCgroupIsolator(options: CgroupIsolatorOptions): Promise<Isolator> {
  const { settings, subsystem } = options;
  const hierarchies = await mountMissing(options, checkHost(options));
  const { version } = hierarchies;
  const controllers = chooseControllers(options, hierarchies);
  const book = createGroupBook(hierarchies, settings.cgroups_root, controllers);
  for (const path of book.roots) await makeGroup(path);
  if (hierarchies.unified) {
    await enableControllers(pathFrom(hierarchies.unified, settings.cgroups_root), controllers);
  }
  await subsystem.create?.(book.rootOf, version);

  async function prepare(id: ContainerID, config: ContainerConfig): Promise<undefined> {
    if (id.parent && sharesGroups(config.containerInfo)) return undefined;
    if (book.find(id)) throw new Error('Container has already been prepared');
    refusePlace(id, version);
    const { group } = book.remember(id, false, config);
    if (version === 2 && id.parent) await enableFor(id.parent);
    for (const directory of book.directoriesOf(id)) await makeGroup(directory);
    await subsystem.prepare?.(group, config);
    await update(group, Resources.of(config.resources ?? []), config.limits ?? {});
    return undefined;
  }

  /** So that a group within the parent's may have limits of its own. */
  async function enableFor(parent: ContainerID): Promise<void> {
    const [directory = ''] = book.directoriesOf(parent);
    await makeGroup(join(directory, 'mesos'));
    await enableControllers([directory, join(directory, 'mesos')], controllers);
  }

  async function update(
    group: Group,
    requests: Resources,
    limits: ResourceLimitMap,
  ): Promise<void> {
    await subsystem.update?.(group, requests, limits);
    group.isLimited = true;
  }

  function recover({ containerId, containerInfo }: ContainerState): void {
    if (containerId.parent && sharesGroups(containerInfo)) return;
    if (!book.directoriesOf(containerId).some((path) => existsSync(path))) return;
    const { group } = book.remember(containerId, true);
    subsystem.recover?.(group);
  }

  return {
    supportsNesting: true,
    supportsStandalone: true,
    async recover(states, orphans) {
      for (const [at, state] of states.entries()) {
        recover(state);
        // There may be thousands, and the loop has other work.
        if (at % 50 === 49) await nextTurn();
      }
      for (const id of orphans) if (!book.nearest(id)) book.remember(id, true);
    },
    prepare,
    async isolate(id, pid) {
      const owner = book.nearest(id);
      if (!owner) throw new Error('Failed to find cgroup for container');
      // The launcher put the process into its groups: it finds those that were made before the fork.
      const own = book.find(id);
      if (own) await subsystem.isolate?.(own.group, pid, own.config);
    },
    async update(id, requests, limits) {
      const entry = book.find(id);
      if (entry) await update(entry.group, requests, limits);
    },
    async usage(id) {
      const entry = book.find(id);
      return entry ? (subsystem.usage?.(entry.group) ?? {}) : {};
    },
    async status(id) {
      const owner = book.nearest(id);
      const entry = owner && book.find(owner);
      return entry ? (subsystem.status?.(entry.group) ?? {}) : {};
    },
    watch(id, signal) {
      const entry = book.find(id);
      const watched = entry && subsystem.watch?.(entry.group, signal);
      return watched ?? endOf(signal);
    },
    async cleanup(id) {
      const entry = book.find(id);
      if (!entry) return;
      subsystem.cleanup?.(entry.group);
      const deadlineMs = Date.now() + settings.cgroups_destroy_timeout;
      await Promise.all(book.directoriesOf(id).map((path) => removeGroups(path, deadlineMs)));
      book.forget(id);
    },
  };
}

/** What a watch is that never has anything to say. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function refusePlace(id: ContainerID, version: 1 | 2): void {
  if (id.parent?.parent) throw new Error('2nd level or greater nested cgroups are not supported');
  if (!id.parent && id.value === agentGroup[version]) {
    throw new Error(`'${id.value}' is the name of the agent's own cgroup`);
  }
}

function sharesGroups(info: ContainerInfo | undefined): boolean {
  return info?.linuxInfo?.shareCgroups ?? true;
}

function checkHost({ settings }: CgroupIsolatorOptions): Hierarchies {
  if (settings.launcher !== 'linux') {
    throw new ModuleSkipped("The 'linux' launcher must be used to enable cgroups isolators");
  }
  if (process.getuid?.() !== 0)
    throw new ModuleSkipped('Cgroups isolators require root permissions');
  return readHierarchies(settings.cgroups_hierarchy);
}

function chooseControllers(
  { controllers: { v1, v2 }, name }: CgroupIsolatorOptions,
  hierarchies: Hierarchies,
): readonly string[] {
  const wanted = hierarchies.version === 2 ? v2 : v1;
  if (!wanted) throw new ModuleSkipped(`'${name}' does not exist on cgroups v2`);
  const missing = wanted.find((controller) => hierarchies.find(controller) === undefined);
  if (missing !== undefined) throw cannotPrepare(missing, 'this host does not have it');
  return wanted;
}

function cannotPrepare(controller: string, why: string): ModuleSkipped {
  return new ModuleSkipped(`Failed to prepare hierarchy for the subsystem '${controller}': ${why}`);
}

/** On version 1 each controller has a place of its own below `--cgroups_hierarchy`, or is given one. */
async function mountMissing(
  { controllers, settings: { cgroups_hierarchy: base } }: CgroupIsolatorOptions,
  hierarchies: Hierarchies,
): Promise<Hierarchies> {
  if (hierarchies.version === 2) return hierarchies;
  const missing = controllers.v1.filter((name) => hierarchies.find(name) === undefined);
  for (const name of missing) {
    await mountHierarchy(base, name).catch((error: Error) => {
      throw cannotPrepare(name, error.message);
    });
  }
  return missing.length > 0 ? readHierarchies(base) : hierarchies;
}

/** A directory and each one on the way down from it. */
function pathFrom(directory: string, below: string): string[] {
  const names = below.split('/').filter(Boolean);
  return [directory, ...names.map((_, at) => join(directory, ...names.slice(0, at + 1)))];
}
