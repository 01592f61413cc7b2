import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A root file system out of the host's own programs. Whoever ends the scene unmounts it. */
export function createRootfs(root: string): string {
  const path = join(root, 'rootfs');
  for (const name of ['usr', 'etc', 'tmp']) mkdirSync(join(path, name), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(path, name));
  execFileSync('mount', ['--bind', '/usr', join(path, 'usr')]);
  return path;
}
