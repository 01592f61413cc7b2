import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conform } from '@mesita/sdk/conformance';
import { afterAll, describe, test } from 'vitest';
import { builtinIsolators } from '../../../src/isolators/builtin.ts';
import { readHierarchies } from '../../../src/linux/cgroups/hierarchies.ts';
import { unmountBelow } from '../../harness/mounts.ts';
import { canUseLinuxLauncher, linuxLauncher } from './scene.ts';

// The isolators that act on the kernel pass what is asked of everyone's.

const directory = mkdtempSync(join(tmpdir(), 'mesita-conformance-'));
const { cgroups } = linuxLauncher();
const hierarchies = readHierarchies(cgroups.hierarchy);
const controllers = [
  'cpu',
  'cpuset',
  'devices',
  'blkio',
  'hugetlb',
  'net_cls',
  'net_prio',
  'perf_event',
  'pids',
];
const available = new Set([
  ...controllers.filter((name) => hierarchies.find(name)).map((name) => `cgroups/${name}`),
  ...(hierarchies.find('memory') ? ['cgroups/mem'] : []),
  'cgroups/all',
  'filesystem/linux',
  'filesystem/shared',
  'network/ports',
  'volume/host_path',
  'volume/sandbox_path',
  'namespaces/pid',
  'namespaces/ipc',
  'linux/capabilities',
  'linux/devices',
  'linux/nnp',
  'linux/seccomp',
]);

const flags = {
  launcher: 'linux',
  isolation: 'filesystem/linux',
  cgroups_root: cgroups.root,
  seccomp_config_dir: directory,
};

afterAll(() => {
  unmountBelow(directory);
  rmSync(directory, { recursive: true });
  for (const name of readdirSync(cgroups.hierarchy)) {
    const group = join(cgroups.hierarchy, name, cgroups.root);
    if (existsSync(group)) rmdirSync(group);
  }
});

describe.runIf(canUseLinuxLauncher)('isolators on this kernel', () => {
  for (const isolator of builtinIsolators) {
    if (!available.has(isolator.name)) continue;
    const known = Object.entries(flags).filter(([name]) => name in isolator.parameters);
    conform(test, isolator as never, {
      directory,
      parameters: Object.fromEntries(known),
      patienceMs: 30_000,
    });
  }
});
