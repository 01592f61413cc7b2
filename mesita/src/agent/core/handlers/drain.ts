import type { DrainConfig, KillPolicy } from '@mesita/sdk/types';
import { type Context, type Handler, inform } from '../context.ts';
import { isFromMaster } from '../from-master.ts';
import { keepAgent } from '../run-ref.ts';
import { killOne } from './kill.ts';

export const drainAgent: Handler<'DrainSlaveMessage'> = (context, event) => {
  const { state, now } = context;
  if (!isFromMaster(context, event)) return;
  const { config } = event.message;
  if (state.frameworks.size === 0) {
    inform(context, 'asked to drain, and nothing is here');
    return;
  }
  inform(context, 'draining', { markGone: config.markGone ?? false });
  state.drain = { config, startedAt: now };
  keepAgent(context);
  killAll(context, config);
};

/** Also after a restart in the middle of it: what was asked to go is asked again. */
export function killAll(context: Context, config: DrainConfig): void {
  for (const framework of [...context.state.frameworks.values()]) {
    for (const executor of [...framework.executors.values()]) {
      const tasks = [...executor.launchedTasks, ...executor.queuedTasks];
      for (const [id, { killPolicy }] of tasks) {
        killOne(context, { framework, executor }, id, shorterPolicy(config, killPolicy));
      }
    }
  }
}

/** The drain's grace where it is shorter than the task's own. */
function shorterPolicy(
  { maxGracePeriod }: DrainConfig,
  own: KillPolicy | undefined,
): KillPolicy | undefined {
  if (!maxGracePeriod) return undefined;
  const grace = own?.gracePeriod?.nanoseconds;
  if (grace !== undefined && grace <= maxGracePeriod.nanoseconds) return undefined;
  return { gracePeriod: maxGracePeriod };
}
