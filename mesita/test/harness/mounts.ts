import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isWithin, parseMounts } from '../../src/linux/mount-table.ts';

/** The innermost last. */
export function mountsBelow(path: string): string[] {
  const mounts = parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  return mounts.map(({ target }) => target).filter((target) => isWithin(target, path));
}

/** A work directory may have become a mount, which outlives its agent. */
export function unmountBelow(path: string): void {
  for (const target of mountsBelow(path).reverse()) execFileSync('umount', ['--lazy', target]);
}
