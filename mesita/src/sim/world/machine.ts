import type { ExecutorInfo, TaskInfo } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerTermination } from '@mesita/sdk/types/containerizer';
import type { SimulatedWorld } from './world.ts';

/** What a container is for; machines know no more of it. */
export interface Containerized {
  /** SIGTERM or stronger. True when it will end of itself because of it. */
  signal(number: number): void;
  /** The container is gone, whatever was inside. */
  ended(termination: ContainerTermination): void;
}

export interface Container {
  readonly id: string;
  readonly pid: number;
  readonly config: ContainerConfig;
  inside: Containerized | undefined;
  termination: ContainerTermination | undefined;
  readonly waiting: ((termination: ContainerTermination) => void)[];
}

/** What outlives the agent: containers and the processes in them. */
export interface Machine {
  readonly name: string;
  readonly containers: Map<string, Container>;
  start(id: string, config: ContainerConfig): Container;
  end(container: Container, termination: ContainerTermination): void;
  kill(id: string, signal: number): boolean;
  /** Calls back at the end, at once when it is over; false when there is no such container. */
  wait(id: string, onEnd: (termination: ContainerTermination) => void): boolean;
  /** All is gone. */
  boot(): void;
}

const SIGKILL = 9;

/** A task that ends well, when it is left alone. */
export const JOB = 'job';

export function createMachine(
  name: string,
  world: SimulatedWorld,
  startExecutor: (machine: Machine, container: Container, info: ExecutorInfo) => Containerized,
): Machine {
  const containers = new Map<string, Container>();
  let nextPid = 1000;

  const machine: Machine = {
    name,
    containers,
    start(id, config) {
      const container: Container = {
        id,
        pid: nextPid++,
        config,
        inside: undefined,
        termination: undefined,
        waiting: [],
      };
      containers.set(id, container);
      const { taskInfo, executorInfo } = config;
      if (taskInfo) container.inside = startCommand(world, machine, container, taskInfo);
      else if (executorInfo) container.inside = startExecutor(machine, container, executorInfo);
      return container;
    },
    end(container, termination) {
      if (container.termination) return;
      container.termination = termination;
      container.inside?.ended(termination);
      world.note(name, `container ${container.id} ended ${JSON.stringify(termination)}`);
      for (const tell of container.waiting.splice(0)) tell(termination);
    },
    kill(id, signal) {
      const container = containers.get(id);
      if (!container || container.termination) return false;
      if (signal === SIGKILL) machine.end(container, { status: SIGKILL });
      else container.inside?.signal(signal);
      return true;
    },
    wait(id, onEnd) {
      const container = containers.get(id);
      if (!container) return false;
      if (container.termination) onEnd(container.termination);
      else container.waiting.push(onEnd);
      return true;
    },
    boot() {
      for (const container of containers.values()) {
        container.waiting.length = 0;
        machine.end(container, { status: SIGKILL });
      }
      containers.clear();
    },
  };
  return machine;
}

/** A command: how long it runs and how it ends is drawn when it starts. */
function startCommand(
  world: SimulatedWorld,
  machine: Machine,
  container: Container,
  task: TaskInfo,
): Containerized {
  const { random, timeline, checks } = world;
  const frameworkId = container.config.executorInfo?.frameworkId?.value ?? '';
  checks.tasks.started(machine.name, frameworkId, task.taskId.value);
  const isJob = task.name === JOB;
  const end = isJob ? { status: 0 } : drawEnd(world);
  const lengthMs = isJob ? 1000 : drawDurationMs(world);
  const timer = timeline.setTimer(lengthMs, () => machine.end(container, end));
  return {
    signal(number) {
      // Some do not listen, and wait for SIGKILL.
      if (random.chance(0.2)) return;
      timeline.setTimer(random.between(1, 2000), () => machine.end(container, { status: number }));
    },
    ended({ status, state }) {
      timer.cancel();
      checks.tasks.ended(frameworkId, task.taskId.value, status === 0 && state === undefined);
    },
  };
}

export function drawDurationMs({ random }: SimulatedWorld): number {
  return random.chance(0.1) ? random.between(1, 300) : 1000 + random.exponential(150_000);
}

function drawEnd({ random }: SimulatedWorld): ContainerTermination {
  if (random.chance(0.03)) {
    return {
      status: SIGKILL,
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
      message: 'Memory limit exceeded',
    };
  }
  return { status: random.chance(0.15) ? (1 + random.index(100)) << 8 : 0 };
}
