import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const procMagic = 0x9fa0;

/**
 * Throws, in Mesos' words, when a directory is to be made below /proc. It is told before: making it
 * with its parents, Node tries again and again what that file system calls missing.
 */
export function assertCanMake(directory: string): void {
  if (existsSync(directory)) return;
  let ancestor = dirname(directory);
  while (!existsSync(ancestor)) ancestor = dirname(ancestor);
  if (statfsSync(ancestor).type !== procMagic) return;
  throw new Error(`Failed to create directory ${directory}: No such file or directory`);
}
