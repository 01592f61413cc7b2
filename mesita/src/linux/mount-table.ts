import { readFile } from 'node:fs/promises';

export interface Mount {
  readonly id: number;
  readonly target: string;
  /** `rw`, `nodev` …: of the mount itself. */
  readonly options: readonly string[];
  /** The peer group with which it shares what is mounted below; undefined: with none. */
  readonly peers: number | undefined;
  readonly type: string;
  readonly device: string;
  /** Options of the file system, whichever mount of it one looks through. */
  readonly features: readonly string[];
}

/** Of this process, in the kernel's order: a later mount may hide an earlier one. */
export async function readMounts(): Promise<Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** `36 35 98:0 /root /target rw,nodev shared:1 - type source options` */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [id, , , , target, options = '', ...tags] = left.split(' ');
    const [type = '', device = '', features = ''] = right.split(' ');
    if (!target) return [];
    const peers = tags.find((tag) => tag.startsWith('shared:'))?.slice('shared:'.length);
    return [
      {
        id: Number(id),
        target: unescapePath(target),
        options: options.split(','),
        peers: peers === undefined ? undefined : Number(peers),
        type,
        device: unescapePath(device),
        features: features.split(','),
      },
    ];
  });
}

/** Blanks and the like stand there as `\040`. */
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The mount on which an absolute path without links lies. */
export function findMountOf(mounts: readonly Mount[], path: string): Mount {
  const found = mounts.findLast(({ target }) => isWithin(path, target));
  if (!found) throw new Error(`Cannot find the mount containing '${path}'`);
  return found;
}

/** The directory itself, or what is below. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}
