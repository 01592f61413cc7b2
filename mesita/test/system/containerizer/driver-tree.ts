import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const driverNodes = [
  ['nvidia0', '195', '0'],
  ['nvidia1', '195', '1'],
  ['nvidiactl', '195', '255'],
  ['nvidia-uvm', '245', '0'],
] as const;

/** What NVIDIA's kernel module would show of two GPUs below `root`: nodes without a driver behind them. */
export function makeDriverTree(root: string): void {
  const base = join(root, 'proc/driver/nvidia');
  for (const [place, minor] of [
    ['0000:00:1f.0', 1],
    ['0000:00:1e.0', 0],
  ] as const) {
    mkdirSync(join(base, 'gpus', place), { recursive: true });
    writeFileSync(
      join(base, 'gpus', place, 'information'),
      `Model: \t\t Fake\nDevice Minor: \t ${minor}\n`,
    );
  }
  writeFileSync(
    join(base, 'version'),
    'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\n',
  );
  mkdirSync(join(root, 'dev'), { recursive: true });
  for (const [name, major, minor] of driverNodes) {
    execFileSync('mknod', [join(root, 'dev', name), 'c', major, minor]);
  }
}

/** For a shell: says which nodes can be opened. Without a driver that fails in either case, but not alike. */
export function sayOpened(directory: string): string {
  return `for n in nvidia0 nvidia1 nvidiactl; do case $( (: <${directory}/$n) 2>&1) in *"not permitted") ;; *) echo $n;; esac; done`;
}
