import type { Clock, Random } from '@mesita/sdk/base';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import type { Event } from '@mesita/sdk/types/executor';
import type { AgentEffect } from '../../agent/core/effects.ts';
import type { AgentEvent, RunName } from '../../agent/core/events.ts';
import { createCommandExecutor } from '../../executor/command-executor.ts';
import type { BuiltinExecutor, ExecutorContainers } from '../../executor/executor.ts';
import { uuidBytes } from '../../wire/uuid.ts';
import type { AgentDisk } from '../world/agent-disk.ts';
import type { Life } from '../world/life.ts';
import type { Machine } from '../world/machine.ts';

import { logOf, type SimulatedWorld } from '../world/world.ts';

type Start = Extract<AgentEffect, { type: 'startBuiltinExecutor' }>;

interface HostOptions {
  readonly world: SimulatedWorld;
  readonly machine: Machine;
  readonly disk: AgentDisk;
  readonly random: Random;
  readonly host: string;
  readonly life: Life;
  readonly post: (event: AgentEvent) => void;
}

const notesDelayMs = 2;

/** Keeps the agent's own executors, the real ones, over the simulated machine's containers. */
export function createBuiltinHost(options: HostOptions) {
  const { world, machine, disk, random, host, life, post } = options;
  const hosted = new Map<string, BuiltinExecutor>();
  const log = logOf(world, machine.name);
  const containers = lend(machine);
  const promised = () => {
    world.hasPromises = true;
  };

  /** Executors make promises, also when a timer of theirs fires. */
  const clock: Clock = {
    now: () => life.now(),
    setTimer: (delayMs, callback) =>
      life.setTimer(delayMs, () => {
        callback();
        promised();
      }),
  };

  function start({ run, framework, executor, directory, checkpoint }: Start): void {
    promised();
    const { container } = run;
    const remembered = checkpoint && disk.notes.get(container);
    const made = createCommandExecutor({
      framework,
      executor,
      container: { value: container },
      sandbox: directory,
      shutdownGracePeriodMs: 5000,
      containers,
      clock,
      log,
      uuid: () => uuidBytes(random),
      call(call) {
        if (life.isOver) return;
        world.checks.updates.executorSays(call);
        post({ type: 'ExecutorCall', origin: { kind: 'builtin', container }, call });
      },
      ...(remembered !== undefined && { remembered }),
      ...(checkpoint && { remember: (notes: string) => keep(container, notes) }),
    });
    hosted.set(container, made);
  }

  /** An agent that dies within this moment leaves the notes from before. */
  function keep(container: string, notes: string): Promise<void> {
    return new Promise((resolve) => {
      clock.setTimer(notesDelayMs, () => {
        world.faults.at('builtin.notes.before', host);
        if (life.isOver) return;
        disk.notes.set(container, notes);
        resolve();
      });
    });
  }

  return {
    start,
    send(run: RunName, event: Event): void {
      promised();
      hosted.get(run.container)?.receive(event);
    },
    finish(run: RunName, termination: ContainerTermination | undefined): void {
      promised();
      const executor = hosted.get(run.container);
      hosted.delete(run.container);
      void Promise.resolve(executor?.terminated(termination)).then(() => {
        if (!life.isOver) post({ type: 'BuiltinExecutorFinished', run, termination });
      });
    },
  };
}

function lend(machine: Machine): ExecutorContainers {
  const wait = (id: string) =>
    new Promise<ContainerTermination | undefined>((resolve) => {
      if (!machine.wait(id, resolve)) resolve(undefined);
    });
  return {
    kill: ({ value }, signal) => Promise.resolve(machine.kill(value, signal)),
    wait: ({ value }) => wait(value),
    destroy({ value }) {
      machine.kill(value, 9);
      return wait(value);
    },
    launchNested: () => Promise.reject(new Error('no nested containers here')),
    remove: () => Promise.resolve(),
  };
}
