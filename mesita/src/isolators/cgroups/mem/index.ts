import { defineModule, param } from '@mesita/sdk/module';
import { type CgroupCompanion, createCgroupCompanion } from '../../../linux/cgroups/companion.ts';
import { tryReadGroupFile } from '../../../linux/cgroups/groups.ts';
import { nativeLauncherPath } from '../../../linux/launcher/native-path.ts';
import { cgroupParameters } from '../define.ts';
import { createCgroupIsolator } from '../isolator.ts';
import { adjustScore, setLimits } from './limits.ts';
import { createPressureCounters } from './pressure.ts';
import { readMemoryUsage } from './usage.ts';
import { watchKills } from './watch.ts';

/** Soft limit: what was asked for. Hard limit: that, or what the task set beyond it. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/mem',
  description: 'Memory limits; out of memory ends the container with a report',
  parameters: {
    ...cgroupParameters,
    cgroups_limit_swap: param.bool({ default: false }),
    cgroups_memory_high: param.float({ min: 0.1, max: 1 }),
    launcher_dir: param.string(),
  },
  create: ({ log, clock, signal: end }, settings) => {
    const { cgroups_limit_swap: limitsSwap, cgroups_memory_high: high } = settings;
    let companion: CgroupCompanion | undefined;
    const pressure = createPressureCounters(() => companion, log);
    return createCgroupIsolator({
      name: 'cgroups/mem',
      controllers: { v1: ['memory'], v2: ['memory'] },
      settings,
      log,
      subsystem: {
        create(rootOf, version) {
          const has = (file: string): boolean =>
            tryReadGroupFile(rootOf('memory'), file) !== undefined;
          const swapFile = version === 1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max';
          if (limitsSwap && !has(swapFile)) throw new Error(`'${swapFile}' is not available`);
          // Version 2 tells of its files' changes itself.
          const program = version === 1 ? nativeLauncherPath(settings.launcher_dir) : undefined;
          if (!program) return;
          companion = createCgroupCompanion(program, log);
          end.addEventListener('abort', () => void companion?.close(), { once: true });
        },
        prepare: async (group) => pressure.start(group),
        recover: (group) => pressure.start(group),
        update: (group, requests, limits) =>
          setLimits(group, requests, limits, { limitsSwap, high }),
        isolate: adjustScore,
        usage: (group) => ({ ...readMemoryUsage(group, limitsSwap), ...pressure.read(group) }),
        watch: (group, signal) => watchKills(group, signal, { clock, companion, log }),
        cleanup: (group) => pressure.stop(group),
      },
    });
  },
});
