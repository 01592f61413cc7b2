import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ContainerFileOperation,
  ContainerLaunchInfo,
  ContainerMountInfo,
} from '@mesita/sdk/types/containerizer';
import { mount } from '../../../linux/constants.ts';

const { BIND, REC, RDONLY, NOSUID, NODEV, NOEXEC, STRICTATIME } = mount;
const closed = NOSUID | NODEV | NOEXEC;

/** What every root file system needs, in this order. A path as source is one in the new root. */
const systemMounts: readonly ContainerMountInfo[] = [
  { source: 'proc', target: '/proc', type: 'proc', flags: closed },
  ...['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => ({
    source: `/proc/${name}`,
    target: `/proc/${name}`,
    flags: BIND | RDONLY | closed,
  })),
  { source: 'sysfs', target: '/sys', type: 'sysfs', flags: RDONLY | closed },
  {
    source: 'tmpfs',
    target: '/sys/fs/cgroup',
    type: 'tmpfs',
    options: 'mode=755',
    flags: closed,
  },
  {
    source: 'tmpfs',
    target: '/dev',
    type: 'tmpfs',
    options: 'mode=755',
    flags: NOSUID | NOEXEC | STRICTATIME,
  },
  {
    source: 'devpts',
    target: '/dev/pts',
    type: 'devpts',
    options: 'newinstance,ptmxmode=0666,mode=0620,gid=5',
    flags: NOSUID | NOEXEC,
  },
];

/** What the kernel tells of the host there is none of the container's business. */
const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/key-users',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/firmware',
];

const devices = ['full', 'null', 'random', 'tty', 'urandom', 'zero'];

const links = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
};

export const privateShm = (target: string): ContainerMountInfo => ({
  source: 'tmpfs',
  target,
  type: 'tmpfs',
  options: 'mode=1777',
  flags: NOSUID | NODEV | STRICTATIME,
});

interface RootOptions {
  readonly sandbox: string;
  /** Where the sandbox appears. */
  readonly sandboxDirectory: string;
  /** Unless somebody else looks after it. */
  readonly hasShm: boolean;
  readonly isMasked: boolean;
}

/** Not every kernel shows all of them. */
function isOnHost({ source = '' }: ContainerMountInfo): boolean {
  return !source.startsWith('/') || existsSync(source);
}

/** A root file system of the container's own: what is mounted in it before it becomes `/`. */
export function createRoot(root: string, options: RootOptions): ContainerLaunchInfo {
  const inRoot = (path: string): string => join(root, path);
  return {
    mounts: [
      { source: root, target: root, flags: BIND | REC },
      ...systemMounts.filter(isOnHost).map((each) => ({
        ...each,
        target: inRoot(each.target),
        ...(each.source?.startsWith('/') && { source: inRoot(each.source) }),
      })),
      ...(options.hasShm ? [privateShm(inRoot('/dev/shm'))] : []),
      // The host's own nodes. Nobody may change their owner or mode through a read-only mount.
      ...devices.map((name) => ({
        source: `/dev/${name}`,
        target: inRoot(`/dev/${name}`),
        flags: BIND | RDONLY,
      })),
      { source: options.sandbox, target: inRoot(options.sandboxDirectory), flags: BIND | REC },
    ],
    maskedPaths: options.isMasked ? maskedPaths.map(inRoot) : [],
    fileOperations: Object.entries(links).map(
      ([name, source]): ContainerFileOperation => ({
        operation: 'SYMLINK',
        symlink: { source, target: inRoot(`/dev/${name}`) },
      }),
    ),
  };
}
