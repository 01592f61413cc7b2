import { existsSync } from 'node:fs';
import { parseResources } from '@mesita/sdk/resources';
import type { Value } from '@mesita/sdk/types';

/** Which numbers are free. One is used for as long as a directory of its project exists. */
export interface ProjectIds {
  readonly total: number;
  free(): number;
  /** Throws when all are used. */
  take(): number;
  /** Found in use, by this or an earlier agent. */
  occupy(id: number, directory: string): void;
  /** Frees those whose directories are all gone, and answers them with where they were. */
  reclaim(): { readonly id: number; readonly directories: readonly string[] }[];
}

export function createProjectIds(range: string): ProjectIds {
  const ranges = parseRange(range);
  const directories = new Map<number, Set<string>>();
  const taken = new Set<number>();
  const isOurs = (id: number): boolean => ranges.some(({ begin, end }) => begin <= id && id <= end);
  const total = ranges.reduce((sum, { begin, end }) => sum + end - begin + 1, 0);
  return {
    total,
    free: () => total - [...taken].filter(isOurs).length,
    take() {
      for (const { begin, end } of ranges) {
        for (let id = begin; id <= end; id++) {
          if (taken.has(id)) continue;
          taken.add(id);
          return id;
        }
      }
      throw new Error('Failed to assign project ID, range exhausted');
    },
    occupy(id, directory) {
      taken.add(id);
      directories.set(id, (directories.get(id) ?? new Set()).add(directory));
    },
    reclaim() {
      const free = [...directories].flatMap(([id, paths]) => {
        const isUsed = [...paths].some((path) => existsSync(path));
        return isUsed ? [] : [{ id, directories: [...paths] }];
      });
      for (const { id } of free) {
        directories.delete(id);
        taken.delete(id);
      }
      return free;
    },
  };
}

function parseRange(text: string): readonly Value.Range[] {
  const parsed = parseResources(`projects:${text}`);
  const [resource] = parsed.ok ? parsed.value : [];
  if (!resource) throw new Error(`Failed to parse XFS project range '${text}'`);
  if (resource.type !== 'RANGES') {
    throw new Error(`Invalid XFS project resource type ${resource.type}, expecting RANGES`);
  }
  const ranges = resource.ranges?.range ?? [];
  // To the kernel this is what belongs to no project.
  if (ranges.some(({ begin }) => begin === 0)) throw new Error('XFS project ID 0 is reserved');
  const tooLarge = ranges.find(({ end }) => end > 0xffff_ffff);
  if (tooLarge) throw new Error(`Project ID ${tooLarge.end} is out of range`);
  return ranges;
}
