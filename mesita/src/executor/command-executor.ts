import type { TaskInfo } from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import type * as api from '@mesita/sdk/types/executor';
import type { CreateBuiltinExecutor, ExecutorContext } from './executor.ts';
import { createNotekeeper, parseNotes, type TaskNote } from './notes.ts';
import { createTask, killGraceOf, type Task } from './task.ts';
import { createUpdates } from './updates.ts';

/** How long a container that ended waits for the task it was meant for. */
const lateLaunchMs = 10_000;
/** Left of the agent's patience, so that the last status still goes out. */
const shutdownReserveMs = 2000;

/**
 * Runs one task: the container's process is the task's own command. What Mesos starts a process
 * for, this object does.
 */
export const createCommandExecutor: CreateBuiltinExecutor = (context) => {
  const { executorId } = context.executor;
  const frameworkId = context.framework.id ?? context.executor.frameworkId ?? { value: '' };
  const notes = parseNotes(context.remembered);
  const keep = createNotekeeper(context, () => ({
    groups: 0,
    tasks: task ? [{ ...task.note(), group: 0 }] : [],
    updates: updates.pending(),
  }));
  const updates = createUpdates(context, notes.updates, keep);
  let isShutDown = false;
  let announce: () => void = () => {};
  const launched = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const [note] = notes.tasks;
  let task: Task | undefined = note && makeTask(note.info, note);

  function makeTask(info: TaskInfo, restored?: TaskNote): Task {
    announce();
    const { container } = context;
    return createTask({
      info,
      container,
      namesContainer: false,
      context,
      updates,
      noted: keep,
      restored,
    });
  }

  function launch(info: TaskInfo): void {
    if (task) {
      // One task is all it can run: a second one is an error of the agent.
      updates.send({
        taskId: info.taskId,
        state: 'TASK_FAILED',
        message: 'Attempted to run multiple tasks using a "command" executor',
      });
      return;
    }
    task = makeTask(info);
    task.starting();
    task.running();
    if (isShutDown) shutDown();
  }

  function shutDown(): void {
    isShutDown = true;
    const graceMs = Math.max(0, context.shutdownGracePeriodMs - shutdownReserveMs);
    if (task) task.kill(graceMs);
    else void context.containers.destroy(context.container).catch(() => {});
  }

  function receive(event: api.Event): void {
    if (event.subscribed) updates.setAgent(event.subscribed.agentInfo.id);
    if (event.acknowledged) updates.acknowledge(event.acknowledged.taskId, event.acknowledged.uuid);
    if (event.launch) launch(event.launch.task);
    if (event.type === 'SHUTDOWN') shutDown();
    // The policy of the call does not count, only the task's own: as with Mesos' own executor.
    if (event.kill && task?.info.taskId.value === event.kill.taskId.value) {
      task.kill(killGraceOf(task.info));
    }
    void keep();
  }

  async function terminated(termination: ContainerTermination | undefined): Promise<void> {
    // Broken limits are the agent's to report, as is a container that vanished.
    if (!termination || termination.state || termination.reason) return;
    // A quick command may be over before the agent has told what task it was.
    if (!task) await inTime(context, launched);
    if (task && !task.isOver()) task.ended(termination);
  }

  const unacknowledgedTasks = task && !task.isOver() ? [task.info] : [];
  // After the agent has the object: its answer may come at once.
  queueMicrotask(() =>
    context.call({
      type: 'SUBSCRIBE',
      executorId,
      frameworkId,
      subscribe: { unacknowledgedTasks, unacknowledgedUpdates: updates.pending() },
    }),
  );
  return { receive, terminated };
};

function inTime({ clock }: ExecutorContext, event: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(lateLaunchMs, resolve);
    void event.then(() => {
      timer.cancel();
      resolve();
    });
  });
}
