import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { chmod, mkdir, realpath, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { findMountOf, readMounts } from './mount-table.ts';
import { mountTmpfs } from './mounts.ts';

export interface DeviceNumbers {
  readonly kind: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
}

/** Which device a node stands for. Throws for what is none. */
export function readDevice(path: string): DeviceNumbers {
  const stat = statSync(path);
  if (!stat.isBlockDevice() && !stat.isCharacterDevice()) {
    throw new Error(`'${path}' is not a block or character device`);
  }
  return { kind: stat.isBlockDevice() ? 'b' : 'c', ...splitDevice(stat.rdev) };
}

/** As glibc packs the two numbers into one. */
function splitDevice(rdev: number): { major: number; minor: number } {
  const bits = BigInt(rdev);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xffff_f000n)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xffff_ff00n)),
  };
}

const run = promisify(execFile);

export async function makeDeviceNode(
  path: string,
  { kind, major, minor }: DeviceNumbers,
  mode: number,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await run('mknod', [path, kind, String(major), String(minor)]);
  // The umask must not take anything away.
  await chmod(path, mode);
}

/** A directory in which nodes of devices can be opened: `/run` is often mounted with `nodev`. */
export async function makeDeviceDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 });
  const { options } = findMountOf(await readMounts(), await realpath(path));
  if (options.includes('nodev')) await mountTmpfs(path, 'nosuid,noexec,mode=755');
}
