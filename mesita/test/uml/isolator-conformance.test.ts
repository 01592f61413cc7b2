import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conform } from '@mesita/sdk/conformance';
import { afterAll, describe, test } from 'vitest';
import { builtinIsolators } from '../../src/isolators/builtin.ts';
import { removeRootGroups } from '../harness/hierarchies.ts';
import { linuxLauncher } from '../system/containerizer/scene.ts';

// The isolators that act on this kernel pass what is asked of everyone's.

const directory = mkdtempSync(join(tmpdir(), 'mesita-conformance-'));
const { cgroups } = linuxLauncher();
const available = ['cpu', 'mem', 'blkio', 'devices', 'perf_event', 'pids', 'all'];

afterAll(() => {
  rmSync(directory, { recursive: true });
  removeRootGroups(cgroups.root);
});

describe('isolators on cgroups v2', () => {
  for (const name of available) {
    const isolator = builtinIsolators.find((each) => each.name === `cgroups/${name}`);
    const parameters = { launcher: 'linux', cgroups_root: cgroups.root };
    conform(test, isolator as never, { directory, parameters, patienceMs: 30_000 });
  }
});
