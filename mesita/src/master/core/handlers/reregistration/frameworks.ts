import type { FrameworkInfo } from '@mesita/sdk/types';
import type { Agent } from '../../agent.ts';
import { pidOf, recoverFramework } from '../../framework-life.ts';
import { findFramework, isCompletedFramework } from '../../state.ts';
import { send, type Turn } from '../../turn.ts';

/** The agent learns where its frameworks are now; the master, of frameworks it does not know. */
export function exchangeFrameworks(
  turn: Turn,
  agent: Agent,
  infos: readonly FrameworkInfo[],
): void {
  for (const info of infos) {
    const framework = findFramework(turn.state, info.id);
    if (framework) {
      send(turn, agent, 'UpdateFrameworkMessage', {
        frameworkId: { value: framework.id },
        frameworkInfo: framework.info,
        pid: pidOf(framework),
      });
    } else if (!isCompletedFramework(turn.state, info.id)) {
      recoverFramework(turn, info);
    }
  }
}
