import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@mesita/sdk/base';
import type { CheckInfo, CheckStatusInfo } from '@mesita/sdk/types';
import { exitCode, isExited } from '../../linux/signals.ts';
import { httpProbe, type RunCommand, tcpProbe } from './probes.ts';
import { type Probe, repeatProbe } from './schedule.ts';

/** What stands in a checked task's statuses as long as nothing is known. */
export function emptyCheckStatus(check: CheckInfo): CheckStatusInfo {
  switch (check.type) {
    case 'COMMAND':
      return { type: 'COMMAND', command: {} };
    case 'HTTP':
      return { type: 'HTTP', http: {} };
    case 'TCP':
      return { type: 'TCP', tcp: {} };
    default:
      return {};
  }
}

/** Reports each result that differs from the one before. Call the result to stop. */
export function startChecker(
  clock: Clock,
  check: CheckInfo,
  run: RunCommand,
  report: (status: CheckStatusInfo) => void,
): () => void {
  const empty = emptyCheckStatus(check);
  let last = empty;
  const schedule = {
    delayMs: (check.delaySeconds ?? 15) * 1000,
    intervalMs: (check.intervalSeconds ?? 10) * 1000,
    timeoutMs: (check.timeoutSeconds ?? 20) * 1000,
  };
  return repeatProbe(clock, schedule, checkProbe(check, run), (result) => {
    const status = result.ok ? result.value : empty;
    if (isDeepStrictEqual(status, last)) return;
    last = status;
    report(status);
  });
}

function checkProbe(check: CheckInfo, run: RunCommand): Probe<CheckStatusInfo> {
  const { type, command, http, tcp } = check;
  return async (signal) => {
    if (type === 'COMMAND' && command) {
      const status = await run(command.command, signal);
      if (status === undefined) return undefined;
      return { type, command: isExited(status) ? { exitCode: exitCode(status) } : {} };
    }
    if (type === 'HTTP' && http) {
      return { type, http: { statusCode: await httpProbe(http)(signal) } };
    }
    if (type === 'TCP' && tcp) {
      return { type, tcp: { succeeded: await tcpProbe(tcp.port)(signal) } };
    }
    throw new Error(`Unknown check type ${type ?? ''}`);
  };
}
