import type { Pid } from '@mesita/sdk/base';
import type { MasterDetector as DetectorModule } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import type { Master } from '../core/state.ts';

/** Finds the leading master, however the cluster elects it. */
export interface MasterDetector {
  /**
   * Resolves when the leader differs from `previous`; to undefined when there is none any more.
   * Called again after each answer. Gives up when `signal` is aborted, and need not settle then.
   */
  detect(previous: Master | undefined, signal: AbortSignal): Promise<Master | undefined>;
}

/** The one master of `--master=host:port`: always leading, be it up or not. */
export function createStandaloneDetector(master: {
  readonly ip: string;
  readonly port: number;
  readonly hostname?: string | undefined;
}): MasterDetector {
  const { ip, port, hostname } = master;
  const leader: Master = { pid: `master@${ip}:${port}` as Pid, hostname };
  return {
    detect: (previous) =>
      previous?.pid === leader.pid ? new Promise(() => undefined) : Promise.resolve(leader),
  };
}

/** The agent knows a master by its pid; a module is told all it said of that master before. */
export function detectByModule(module: DetectorModule): MasterDetector {
  let last: MasterInfo | undefined;
  return {
    async detect(previous, signal) {
      const known = last?.pid === previous?.pid ? last : undefined;
      const found = await module.detect(previous && known, signal);
      if (found && found.pid === undefined)
        throw new Error('the detector gave a master without pid');
      last = found;
      return found && { pid: found.pid as Pid, hostname: found.hostname };
    },
  };
}
