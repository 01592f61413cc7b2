import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerID } from '@mesita/sdk/types';
import {
  agentGroup,
  findLineages,
  groupPath,
  leafName,
  makeGroup,
  removeGroups,
} from '../../linux/cgroups/groups.ts';
import type { Hierarchies } from '../../linux/cgroups/hierarchies.ts';
import { killGroups } from '../../linux/cgroups/kill.ts';
import type { Launcher } from './launcher.ts';
import { containerKey, lineage } from './paths.ts';
import { createSupervisedLauncher, type SupervisedLauncherOptions } from './supervised-launcher.ts';

interface LinuxLauncherOptions extends SupervisedLauncherOptions {
  readonly hierarchies: Hierarchies;
  /** `--cgroups_root` */
  readonly cgroupsRoot: string;
  /** Then a group below it that nobody knows is a leftover of ours, and is destroyed. */
  readonly ownsCgroupsRoot: boolean;
  /** `--cgroups_destroy_timeout` */
  readonly cgroupsDestroyTimeoutMs: number;
}

/**
 * Each container in a group of its own (of the freezer on version 1), so that whatever it started
 * is found and ended with it, and in the namespaces that isolators ask for.
 */
export function createLinuxLauncher(options: LinuxLauncherOptions): Launcher {
  const { hierarchies, cgroupsRoot } = options;
  const supervised = createSupervisedLauncher(options);
  const hierarchy = hierarchies.find('freezer') ?? '';
  const known = new Map<string, ContainerID>();
  const pathIn = (directory: string, id: ContainerID): string => {
    const values = lineage(id).map(({ value }) => value);
    return join(directory, groupPath(cgroupsRoot, values));
  };
  const pathOf = (id: ContainerID): string => pathIn(hierarchy, id);
  const isAgents = (id: ContainerID): boolean =>
    !id.parent && id.value === agentGroup[hierarchies.version];

  /** What isolators made for the container, or for the nearest one above it. */
  function findLimitingGroups(id: ContainerID): string[] {
    const directories = new Set(
      hierarchies.controllers.flatMap((name) => hierarchies.find(name) ?? []),
    );
    directories.delete(hierarchy);
    return [...directories].flatMap((directory) => {
      const owner = lineage(id).findLast((each) => existsSync(pathIn(directory, each)));
      return owner ? [pathIn(directory, owner)] : [];
    });
  }

  function findOrphans(): ContainerID[] {
    return findLineages(hierarchy, cgroupsRoot).flatMap((values) => {
      const id = values.reduce<ContainerID | undefined>(
        (parent, value) => ({ value, ...(parent && { parent }) }),
        undefined,
      );
      return id && !isAgents(id) && !known.has(containerKey(id)) ? [id] : [];
    });
  }

  return {
    ...supervised,
    name: 'linux',
    async recover(states) {
      await supervised.recover(states);
      for (const { containerId } of states) known.set(containerKey(containerId), containerId);
      const orphans = options.ownsCgroupsRoot ? findOrphans() : [];
      for (const id of orphans) known.set(containerKey(id), id);
      return orphans;
    },
    async fork(id, spec) {
      const key = containerKey(id);
      if (known.has(key)) throw new Error(`Container '${key}' already exists`);
      if (isAgents(id)) throw new Error(`'${key}' is the name of the agent's own cgroup`);
      if (id.parent && !known.has(containerKey(id.parent))) {
        throw new Error('Unknown parent container');
      }
      known.set(key, id);
      const group = hierarchies.version === 2 ? join(pathOf(id), leafName) : pathOf(id);
      await makeGroup(group);
      const others = hierarchies.version === 2 ? [] : findLimitingGroups(id);
      const confinement = { ...spec.confinement, cgroups: [group, ...others] };
      return supervised.fork(id, { ...spec, confinement });
    },
    async destroy(id) {
      const key = containerKey(id);
      if (!known.has(key)) return;
      const isParent = [...known.values()].some(
        ({ parent }) => parent !== undefined && containerKey(parent) === key,
      );
      if (isParent) throw new Error('Container has nested containers');
      known.delete(key);
      const deadlineMs = Date.now() + options.cgroupsDestroyTimeoutMs;
      await supervised.destroy(id);
      // What the supervisor did not end, or nobody is left to.
      await killGroups(pathOf(id), deadlineMs);
      await removeGroups(pathOf(id), deadlineMs);
    },
  };
}
