import type { Timer } from '@mesita/sdk/base';
import type * as api from '@mesita/sdk/types/executor';
import type { CreateBuiltinExecutor } from './executor.ts';
import { createNotekeeper, parseNotes } from './notes.ts';
import { graceOf } from './task.ts';
import { createTaskGroups } from './task-groups.ts';
import { createUpdates } from './updates.ts';

const sigterm = 15;
/** How long the last updates may go unacknowledged before it ends all the same. */
const farewellMs = 60_000;

/**
 * Runs pods: each task in a container nested in the executor's own, whose process only holds the
 * place. One failed or killed task ends its group; without tasks the executor ends.
 */
export const createDefaultExecutor: CreateBuiltinExecutor = (context) => {
  const { executorId } = context.executor;
  const frameworkId = context.framework.id ?? context.executor.frameworkId ?? { value: '' };
  const remembered = parseNotes(context.remembered);
  const keep = createNotekeeper(context, () => ({
    tasks: groups.notes(),
    groups: groups.count(),
    updates: updates.pending(),
  }));
  const updates = createUpdates(context, remembered.updates, keep);
  const groups = createTaskGroups(context, updates, keep, remembered, endWhenIdle);
  let isShutDown = false;
  let isSubscribed = false;
  let farewell: Timer | undefined;

  /** Once nothing runs and everything is known to the agent, its container may end. */
  function endWhenIdle(): void {
    farewell?.cancel();
    farewell = undefined;
    const isIdle = groups.infos().length === 0 && (groups.count() > 0 || isShutDown);
    if (!isIdle) return;
    const end = (): void =>
      void context.containers.kill(context.container, sigterm).catch(() => {});
    if (updates.pending().length === 0) end();
    else farewell = context.clock.setTimer(farewellMs, end);
  }

  function receive(event: api.Event): void {
    if (event.subscribed) {
      updates.setAgent(event.subscribed.agentInfo.id);
      if (!isSubscribed) groups.resume();
      isSubscribed = true;
      endWhenIdle();
    }
    if (event.acknowledged) {
      updates.acknowledge(event.acknowledged.taskId, event.acknowledged.uuid);
      endWhenIdle();
    }
    if (event.launchGroup) void groups.launch(event.launchGroup.taskGroup);
    if (event.kill) groups.kill(event.kill.taskId, graceOf(event.kill.killPolicy));
    if (event.type === 'SHUTDOWN') {
      isShutDown = true;
      groups.shutDown();
      endWhenIdle();
    }
    void keep();
  }

  // After the agent has the object: its answer may come at once.
  queueMicrotask(() =>
    context.call({
      type: 'SUBSCRIBE',
      executorId,
      frameworkId,
      subscribe: {
        unacknowledgedTasks: groups.infos(),
        unacknowledgedUpdates: updates.pending(),
      },
    }),
  );
  return {
    receive,
    // What still ran ended with the container; the agent says so of every task it knows.
    async terminated() {
      farewell?.cancel();
    },
  };
};
