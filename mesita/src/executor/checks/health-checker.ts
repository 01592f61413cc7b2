import type { Clock } from '@mesita/sdk/base';
import type { HealthCheck } from '@mesita/sdk/types';
import { httpProbe, type RunCommand, tcpProbe } from './probes.ts';
import { type Probe, repeatProbe } from './schedule.ts';

export interface Health {
  readonly healthy: boolean;
  /** It failed too often in a row: the task shall be killed. */
  readonly shallKill: boolean;
}

/**
 * Reports the first success, every failure, and the first success after failures. Failures before
 * the first success do not count during the grace period. Call the result to stop.
 */
export function startHealthChecker(
  clock: Clock,
  check: HealthCheck,
  run: RunCommand,
  report: (health: Health) => void,
): () => void {
  const startedMs = clock.now();
  const graceMs = (check.gracePeriodSeconds ?? 10) * 1000;
  const tolerated = check.consecutiveFailures ?? 3;
  let hasSucceeded = false;
  let failures = 0;
  const schedule = {
    delayMs: (check.delaySeconds ?? 15) * 1000,
    intervalMs: (check.intervalSeconds ?? 10) * 1000,
    timeoutMs: (check.timeoutSeconds ?? 20) * 1000,
  };
  return repeatProbe(clock, schedule, healthProbe(check, run), (result) => {
    if (result.ok && result.value) {
      const isNews = !hasSucceeded || failures > 0;
      hasSucceeded = true;
      failures = 0;
      if (isNews) report({ healthy: true, shallKill: false });
      return;
    }
    if (!hasSucceeded && clock.now() - startedMs <= graceMs) return;
    failures++;
    report({ healthy: false, shallKill: failures >= tolerated });
  });
}

function healthProbe(check: HealthCheck, run: RunCommand): Probe<boolean> {
  const { type, command, http, tcp } = check;
  return async (signal) => {
    if (type === 'COMMAND' && command) {
      const status = await run(command, signal);
      return status === undefined ? undefined : status === 0;
    }
    if (type === 'HTTP' && http) {
      const status = (await httpProbe(http)(signal)) ?? 0;
      return http.statuses?.length ? http.statuses.includes(status) : status >= 200 && status < 400;
    }
    if (type === 'TCP' && tcp) return tcpProbe(tcp.port, tcp.protocol)(signal);
    throw new Error(`Unknown health check type ${type ?? ''}`);
  };
}
