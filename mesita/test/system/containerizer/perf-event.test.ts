import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@mesita/sdk/base';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readHierarchies } from '../../../src/linux/cgroups/hierarchies.ts';
import { nativeLauncherPath } from '../../../src/linux/launcher/native-path.ts';
import { createPerf, type Perf } from '../../../src/linux/perf/perf.ts';
import { createCluster } from '../../harness/cluster.ts';
import { isFreeController, removeRootGroups } from '../../harness/hierarchies.ts';
import { hasProgram } from '../../harness/packages.ts';
import { waitFor } from '../../harness/wait.ts';
import { canUseLinuxLauncher, clock, linuxLauncher, log, until } from './scene.ts';

interface Place {
  readonly version: 1 | 2;
  readonly hierarchy: string;
  /** The isolator does it. */
  readonly isMounted?: true;
}

/** Where this machine lets groups be sampled. */
async function findPlaces(): Promise<Place[]> {
  const hierarchy = '/sys/fs/cgroup';
  if (!canUseLinuxLauncher) return [];
  const { version, find } = readHierarchies(hierarchy);
  if (version === 2 || find('perf_event')) return [{ version, hierarchy }];
  // A test before may have mounted it.
  const isFree = () => isFreeController('perf_event');
  await waitFor('perf_event to be free', isFree, { timeoutMs: 10_000 }).catch(() => {});
  if (!isFree()) {
    console.log('skipped: needs perf_event, which is mounted elsewhere');
    return [];
  }
  const unified = join(hierarchy, 'unified');
  const mixed: Place[] = existsSync(unified) ? [{ version: 2, hierarchy: unified }] : [];
  return [...mixed, { version: 1, hierarchy, isMounted: true }];
}

const places = hasProgram('perf', 'linux-perf') ? await findPlaces() : [];

describe.runIf(places.length > 0)('cgroups/perf_event', () => {
  test.each(places)(
    'counts what containers do, on cgroups v$version',
    ({ hierarchy, isMounted }) => {
      const script = new URL('samples-perf.ts', import.meta.url).pathname;
      const typescript = ['--conditions=mesita-source', '--import', 'tsx', script];
      const command = [
        process.execPath,
        ...typescript,
        hierarchy,
        ...(isMounted ? ['mounted'] : []),
      ];
      const options = { encoding: 'utf8', timeout: 100_000 } as const;
      const { stdout, stderr } = spawnSync('unshare', ['--mount', ...command], options);
      const { spins, sleeps } = JSON.parse(stdout || '{}');
      expect(stderr).toBe('');
      const time = { timestamp: expect.any(Number), duration: 0.25 };
      expect(spins).toMatchObject({ ...time, contextSwitches: expect.any(Number) });
      expect(spins.taskClock).toBeGreaterThan(0);
      expect(sleeps).toMatchObject({ ...time, taskClock: 0, contextSwitches: 0 });
    },
  );

  const place = places.find(({ isMounted }) => !isMounted);
  test.runIf(place)('an agent does not start with events that perf does not know', async () => {
    const { root } = linuxLauncher().cgroups;
    const cluster = createCluster();
    try {
      const master = await cluster.startMaster('--registry=in_memory');
      const agent = await cluster.spawnAgent(
        { master },
        '--launcher=linux',
        '--isolation=cgroups/perf_event',
        `--cgroups_hierarchy=${place?.hierarchy}`,
        `--cgroups_root=${root}`,
        '--perf_events=task-clock,nosuch',
      );
      expect(await agent.exited).toBe(1);
      expect(agent.output()).toContain(
        "'cgroups/perf_event': Invalid perf events: { nosuch, task-clock }: event syntax error: ",
      );
    } finally {
      await cluster.stop();
      removeRootGroups(root);
    }
  });
});

const launcher = nativeLauncherPath(undefined);

describe.runIf(launcher)('a perf', () => {
  let folder: string;
  let perf: Perf | undefined;
  const path = process.env.PATH;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mesita-perf-'));
    process.env.PATH = `${folder}:${path}`;
  });

  afterEach(async () => {
    process.env.PATH = path;
    await perf?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function create(script: string, own = clock): Perf {
    writeFileSync(join(folder, 'perf'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'perf'), 0o755);
    perf = createPerf({
      launcher: launcher ?? '',
      directory: join(folder, 'run'),
      clock: own,
      log,
    });
    return perf;
  }

  test('is asked for all pairs of events and groups, in the language of machines', async () => {
    const { count } = create(`echo "$LC_ALL $*" >${join(folder, 'asked')}; echo 1,,cycles,m/a`);
    const answer = await count(['cycles', 'page-faults'], ['m/a', 'm/b'], 250);
    expect(answer).toEqual([{ event: 'cycles', group: 'm/a', value: 1 }]);
    const pairs = ['m/a', 'm/b'].flatMap((group) =>
      ['cycles', 'page-faults'].map((event) => `--event ${event} --cgroup ${group}`),
    );
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(
      `C stat --all-cpus --field-separator , --log-fd 1 ${pairs.join(' ')} -- sleep 0.25\n`,
    );
    expect(readdirSync(folder).sort()).toEqual(['asked', 'perf']);
  });

  test('that hangs is ended with all it started', async () => {
    let timeIsUp = (): void => {};
    const impatient: Clock = {
      now: clock.now,
      setTimer(_delayMs, callback) {
        timeIsUp = callback;
        return { cancel() {} };
      },
    };
    const { count } = create(
      `trap '' TERM; echo $$ >${join(folder, 'pid')}; sleep 1112 & wait`,
      impatient,
    );
    const refused = expect(count(['cycles'], ['m/a'], 10_000)).rejects.toThrow(
      'perf did not end within 40000 ms',
    );
    const pid = (): string => readFileSync(join(folder, 'pid'), 'utf8').trim();
    await until(() => existsSync(join(folder, 'pid')) && pid() !== '');
    timeIsUp();
    await refused;
    await until(() => !existsSync(`/proc/${pid()}`));
    expect(readdirSync(folder).sort()).toEqual(['perf', 'pid']);
  });

  test('that fails says why in one line, and the next one is another', async () => {
    const asked = create(
      `[ -e ${folder}/twice ] && echo 3,,cycles,m/a && exit; : >${folder}/twice; echo no access >&2; exit 129`,
    );
    await expect(asked.count(['cycles'], ['m/a'], 10)).rejects.toThrow(/^no access$/);
    expect(await asked.count(['cycles'], ['m/a'], 10)).toHaveLength(1);
    rmSync(join(folder, 'perf'));
    process.env.PATH = folder;
    await expect(asked.version()).rejects.toThrow(
      "Failed to execute 'perf': No such file or directory",
    );
  });
});
