// What containers cost: one beside other runtimes, a thousand on one agent. Root only.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { defaultLauncher } from '../mesita/src/containerizer/launchers.ts';
import { hasProgram } from '../mesita/test/harness/packages.ts';
import { benchSingle } from './containers/single.ts';
import { benchThousand } from './containers/thousand.ts';

const unified = '/sys/fs/cgroup/unified';
const alone = 'MESITA_BENCH_ALONE';

/** The other runtimes refuse to work where both versions are mounted: all do it without version 2. */
function repeatAlone(): void {
  const script = `umount ${unified}; exec "$@"`;
  const self = [
    process.execPath,
    ...process.execArgv,
    process.argv[1] ?? '',
    'containers',
    'single',
  ];
  spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', ...self], {
    stdio: 'inherit',
    env: { ...process.env, [alone]: '1' },
  });
}

export async function containersBench(names: readonly string[]): Promise<void> {
  if (defaultLauncher({ launcherDir: 'mesita/dist' }) !== 'linux') {
    console.log('  skipped: the linux launcher needs root, cgroups and a C compiler');
    return;
  }
  const wants = (name: string): boolean => names.length === 0 || names.includes(name);
  if (wants('single') && hasProgram('busybox', 'busybox-static')) {
    const runtimes = ['crun', 'runc'].filter((runtime) => hasProgram(runtime));
    if (existsSync(unified) && process.env[alone] === undefined) repeatAlone();
    else await benchSingle(runtimes);
  }
  if (wants('thousand')) await benchThousand();
}
