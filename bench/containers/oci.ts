import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupsRoot } from './scene.ts';

/** Writes what `crun run` and `runc run` want: the same namespaces, limits and program as ours. */
export function makeBundle(directory: string, rootfs: string): string {
  const bundle = join(directory, 'bundle');
  mkdirSync(bundle, { recursive: true });
  const config = {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/true'],
      env: ['PATH=/usr/bin:/bin'],
      cwd: '/',
    },
    root: { path: rootfs },
    mounts: [
      {
        destination: '/proc',
        type: 'proc',
        source: 'proc',
        options: ['nosuid', 'noexec', 'nodev'],
      },
    ],
    linux: {
      cgroupsPath: `/${cgroupsRoot}/oci`,
      resources: { cpu: { shares: 102 }, memory: { limit: 32 << 20 } },
      namespaces: ['pid', 'mount', 'ipc', 'uts', 'cgroup'].map((type) => ({ type })),
    },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  return bundle;
}

/** Milliseconds from the spawn to the end. */
export async function timeCommand(program: string, ...args: string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${program} ended with status ${status}`);
  return performance.now() - began;
}
