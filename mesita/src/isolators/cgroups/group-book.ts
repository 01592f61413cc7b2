import { join } from 'node:path';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { groupPath } from '../../linux/cgroups/groups.ts';
import type { Hierarchies } from '../../linux/cgroups/hierarchies.ts';
import { keyOf, lineageOf } from '../container-key.ts';
import type { Group } from './subsystem.ts';

interface Entry {
  readonly group: Group;
  readonly config?: ContainerConfig | undefined;
}

/** Which containers have groups of their own, and where those are. */
interface GroupBook {
  /** One for each hierarchy: controllers mounted together share a directory. */
  readonly roots: readonly string[];
  rootOf(controller: string): string;
  directoriesOf(id: ContainerID): string[];
  remember(id: ContainerID, isLimited: boolean, config?: ContainerConfig): Entry;
  find(id: ContainerID): Entry | undefined;
  /** The container itself, or the nearest one above it that has groups. */
  nearest(id: ContainerID): ContainerID | undefined;
  forget(id: ContainerID): void;
}

export function createGroupBook(
  hierarchies: Hierarchies,
  root: string,
  controllers: readonly string[],
): GroupBook {
  const entries = new Map<string, Entry>();
  // On version 2 there is a group even for what needs no controller.
  const rootOf = (controller: string): string =>
    join(hierarchies.unified ?? hierarchies.find(controller) ?? '', root);
  const roots = hierarchies.unified
    ? [join(hierarchies.unified, root)]
    : [...new Set(controllers.map(rootOf))];
  const relative = (id: ContainerID): string => groupPath('', lineageOf(id));
  const nearest = (id: ContainerID): ContainerID | undefined =>
    entries.has(keyOf(id)) ? id : id.parent && nearest(id.parent);
  const parentOf = (id: ContainerID): Group | undefined =>
    id.parent && entries.get(keyOf(id.parent))?.group;
  return {
    roots,
    rootOf,
    nearest,
    directoriesOf: (id) => roots.map((path) => join(path, relative(id))),
    remember(id, isLimited, config) {
      const group: Group = {
        key: keyOf(id),
        isNested: id.parent !== undefined,
        version: hierarchies.version,
        isRecovered: isLimited,
        isLimited,
        directory: (controller) => join(rootOf(controller), relative(id)),
        nested: new Set(),
      };
      const entry = { group, config };
      entries.set(group.key, entry);
      parentOf(id)?.nested.add(group);
      return entry;
    },
    find: (id) => entries.get(keyOf(id)),
    forget(id) {
      const entry = entries.get(keyOf(id));
      if (entry) parentOf(id)?.nested.delete(entry.group);
      entries.delete(keyOf(id));
    },
  };
}
