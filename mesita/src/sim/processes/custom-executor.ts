import type { Timer } from '@mesita/sdk/base';
import type { ExecutorInfo, TaskInfo, TaskState } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import { uuidBytes, uuidText } from '../../wire/uuid.ts';
import { createLife } from '../world/life.ts';
import {
  type Container,
  type Containerized,
  drawDurationMs,
  type Machine,
} from '../world/machine.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { AgentDoor } from './agent-door.ts';
import { createExecutorSession } from './executor-session.ts';

interface Running {
  readonly info: TaskInfo;
  end: Timer | undefined;
}

/**
 * A framework's own executor: a process that speaks the executor API, outlives its agent, comes
 * back to the next one with what was not acknowledged, and ends when it has had nothing to do.
 */
export function startCustomExecutor(
  world: SimulatedWorld,
  machine: Machine,
  container: Container,
  info: ExecutorInfo,
  findAgent: () => AgentDoor | undefined,
): Containerized {
  const { random, checks } = world;
  const life = createLife(world.timeline);
  const { executorId, frameworkId = { value: '' } } = info;
  const tasks = new Map<string, Running>();
  const updates = new Map<string, api.Call.Update>();
  let idle: Timer | undefined;
  const session = createExecutorSession({
    world,
    life,
    info,
    findAgent,
    remember: () => ({
      unacknowledgedTasks: [...tasks.values()].map((task) => task.info),
      unacknowledgedUpdates: [...updates.values()],
    }),
    hear,
  });

  function hear(event: api.Event): void {
    if (event.launch) launch(event.launch.task);
    for (const task of event.launchGroup?.taskGroup.tasks ?? []) launch(task);
    const victim = event.kill && tasks.get(event.kill.taskId.value);
    if (victim) finish(victim, 'TASK_KILLED');
    if (event.acknowledged) updates.delete(uuidText(event.acknowledged.uuid));
    if (event.type === 'SHUTDOWN') shutDown();
    restWhenDone();
  }

  function launch(task: TaskInfo): void {
    const id = task.taskId.value;
    checks.tasks.started(machine.name, frameworkId.value, id);
    const running: Running = { info: task, end: undefined };
    tasks.set(id, running);
    say(task, 'TASK_RUNNING');
    running.end = life.setTimer(drawDurationMs(world), () =>
      finish(running, random.chance(0.1) ? 'TASK_FAILED' : 'TASK_FINISHED'),
    );
    if (random.chance(0.01))
      life.setTimer(random.between(100, 20_000), () => machine.end(container, { status: 11 }));
  }

  function finish(running: Running, state: TaskState): void {
    running.end?.cancel();
    const id = running.info.taskId.value;
    tasks.delete(id);
    checks.tasks.ended(frameworkId.value, id, state === 'TASK_FINISHED');
    say(running.info, world.sabotage === 'end-invented' ? 'TASK_FINISHED' : state);
    restWhenDone();
  }

  function say(task: TaskInfo, state: TaskState): void {
    const uuid = uuidBytes(random);
    const { taskId } = task;
    const timestamp = life.now() / 1000;
    const status = {
      taskId,
      state,
      uuid,
      timestamp,
      source: 'SOURCE_EXECUTOR',
      executorId,
    } as const;
    updates.set(uuidText(uuid), { status });
    session.call({ type: 'UPDATE', update: { status } });
  }

  function shutDown(): void {
    for (const running of [...tasks.values()]) finish(running, 'TASK_KILLED');
    if (random.chance(0.9))
      life.setTimer(random.between(10, 2000), () => machine.end(container, { status: 0 }));
  }

  function restWhenDone(): void {
    idle?.cancel();
    if (tasks.size > 0) return;
    idle = life.setTimer(random.between(2000, 30_000), () => {
      if (tasks.size === 0 && updates.size === 0) machine.end(container, { status: 0 });
    });
  }

  return {
    signal: () => machine.end(container, { status: 15 }),
    ended() {
      life.end();
      for (const id of tasks.keys()) checks.tasks.ended(frameworkId.value, id, false);
      session.hangUp();
    },
  };
}
