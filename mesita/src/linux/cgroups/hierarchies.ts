import { readFileSync } from 'node:fs';

/** Where control groups are mounted. One implementation works on either version. */
export interface Hierarchies {
  /** 2 where `--cgroups_hierarchy` itself is a cgroup2 mount, else 1. */
  readonly version: 1 | 2;
  /** Of version 2: where all groups are. */
  readonly unified?: string | undefined;
  /** The directory under which groups of this controller are made; undefined: not there. */
  find(controller: string): string | undefined;
  /** Every controller that is there. */
  readonly controllers: readonly string[];
}

interface Mount {
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** What is no controller but an option of a v1 mount. */
const noControllers = new Set(['rw', 'ro', 'xattr', 'noprefix', 'clone_children']);

/** Reads the mounts of this process. Throws when nothing is mounted below `base`. */
export function readHierarchies(base: string): Hierarchies {
  return selectHierarchies(base, readFileSync('/proc/self/mountinfo', 'utf8'), () =>
    readFileSync(`${base}/cgroup.controllers`, 'utf8'),
  );
}

export function selectHierarchies(
  base: string,
  mountinfo: string,
  readControllers: () => string,
): Hierarchies {
  const mounts = parseMounts(mountinfo);
  if (mounts.some(({ target, type }) => target === base && type === 'cgroup2')) {
    const controllers = readControllers().split(/\s+/).filter(Boolean);
    // A group that holds others holds the freezer, too: on this version it needs no controller.
    return {
      version: 2,
      unified: base,
      controllers,
      find: (name) => (controllers.includes(name) || name === 'freezer' ? base : undefined),
    };
  }
  const found = new Map<string, string>();
  for (const { target, type, options } of mounts) {
    if (type !== 'cgroup' || !target.startsWith(`${base}/`)) continue;
    for (const option of options) {
      const name = option.replace('name=', '');
      if (!noControllers.has(option) && !found.has(name)) found.set(name, target);
    }
  }
  return { version: 1, controllers: [...found.keys()], find: (name) => found.get(name) };
}

/** `36 35 98:0 / /target rw,… shared:1 - type source options` */
function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [type, , options] = right.split(' ');
    const target = left.split(' ')[4];
    if (!target || !type) return [];
    return [{ target: decodeOctal(target), type, options: (options ?? '').split(',') }];
  });
}

function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}
