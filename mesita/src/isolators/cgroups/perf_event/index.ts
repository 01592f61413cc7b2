import { join, relative } from 'node:path';
import { defineModule, type IsolatorContext, ModuleSkipped, param } from '@mesita/sdk/module';
import type { PerfStatistics } from '@mesita/sdk/types';
import { nativeLauncherPath } from '../../../linux/launcher/native-path.ts';
import { createPerf, type Perf } from '../../../linux/perf/perf.ts';
import { cgroupParameters } from '../define.ts';
import { createCgroupIsolator } from '../isolator.ts';
import type { Group, Subsystem } from '../subsystem.ts';
import { checkPerf, type SamplerSettings, startSampling } from './sampler.ts';

/** A group that `perf` can be pointed at, and what it counted there, where `--perf_events` asks. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/perf_event',
  description: 'A group of the perf_event controller for each container; samples of perf events',
  parameters: {
    ...cgroupParameters,
    launcher_dir: param.string(),
    perf_duration: param.duration({ default: '10secs' }),
    perf_events: param.string(),
    perf_interval: param.duration({ default: '1mins' }),
  },
  create: (context, settings) => {
    const events = [...new Set(settings.perf_events?.split(',').filter(Boolean))].sort();
    return createCgroupIsolator({
      name: 'cgroups/perf_event',
      // On version 2 every group is one.
      controllers: { v1: ['perf_event'], v2: [] },
      settings,
      log: context.log,
      subsystem: createSubsystem(context, { ...settings, events }),
    });
  },
});

interface Sampled {
  /** As `perf` calls it: from the hierarchy on. */
  readonly name: string;
  statistics: PerfStatistics;
}

interface Settings extends SamplerSettings {
  readonly cgroups_root: string;
  readonly launcher_dir: string | undefined;
}

function createSubsystem(context: IsolatorContext, settings: Settings): Subsystem {
  const groups = new Map<string, Sampled>();
  let root = '';

  /** Until its first sample it has one that took no time. */
  function add({ key, directory }: Group): void {
    const name = join(settings.cgroups_root, relative(root, directory('perf_event')));
    groups.set(key, { name, statistics: { timestamp: context.clock.now() / 1000, duration: 0 } });
  }

  function receive(statistics: ReadonlyMap<string, PerfStatistics>): void {
    for (const group of groups.values()) {
      group.statistics = statistics.get(group.name) ?? group.statistics;
    }
  }

  return {
    async create(rootOf) {
      root = rootOf('perf_event');
      if (settings.events.length === 0) return;
      const perf = await openPerf(context, settings);
      // To perf a comma is the end of a name.
      const names = (): string[] =>
        [...groups.values()].map(({ name }) => name).filter((name) => !name.includes(','));
      startSampling(context, perf, settings, names, receive);
    },
    prepare: async (group) => add(group),
    recover: add,
    usage: ({ key }) => ({ perf: groups.get(key)?.statistics }),
    cleanup: ({ key }) => void groups.delete(key),
  };
}

async function openPerf(context: IsolatorContext, settings: Settings): Promise<Perf> {
  const { runtimeDir, clock, log, signal } = context;
  const launcher = nativeLauncherPath(settings.launcher_dir);
  if (!launcher) throw new ModuleSkipped('Sampling perf needs the compiled launcher');
  const perf = createPerf({ launcher, directory: join(runtimeDir, 'perf'), clock, log });
  try {
    await checkPerf(perf, settings, log);
  } catch (error) {
    await perf.close();
    throw error;
  }
  signal.addEventListener('abort', () => void perf.close(), { once: true });
  return perf;
}
