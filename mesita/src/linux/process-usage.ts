import { type ProcessStat, pageBytes, readTree, ticksPerSecond } from './proc.ts';

interface ProcessUsage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly residentBytes: number;
}

const running = new Map<number, Promise<ProcessUsage>>();

/** Of a process and all below it. Whoever asks while a measurement is under way shares it. */
export function measureTree(pid: number): Promise<ProcessUsage> {
  const shared = running.get(pid);
  if (shared) return shared;
  const measured = readTree(pid).then(sumUsage);
  running.set(pid, measured);
  void measured.finally(() => running.delete(pid));
  return measured;
}

function sumUsage(stats: readonly ProcessStat[]): ProcessUsage {
  const sum = (of: (stat: ProcessStat) => number): number =>
    stats.reduce((total, stat) => total + of(stat), 0);
  return {
    userSeconds: sum((stat) => stat.userTicks) / ticksPerSecond,
    systemSeconds: sum((stat) => stat.systemTicks) / ticksPerSecond,
    residentBytes: sum((stat) => stat.residentPages) * pageBytes,
  };
}
