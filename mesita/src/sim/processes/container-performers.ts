import { type ContainerIdText, err, ok } from '@mesita/sdk/base';
import type { ContainerStatus } from '@mesita/sdk/types';
import type { AgentEffect } from '../../agent/core/effects.ts';
import type { AgentEvent, RunName } from '../../agent/core/events.ts';
import type { AgentDisk } from '../world/agent-disk.ts';
import type { Life } from '../world/life.ts';
import type { Machine } from '../world/machine.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { AgentPerformers } from './agent.ts';

interface Tools {
  readonly world: SimulatedWorld;
  readonly host: string;
  readonly machine: Machine;
  readonly disk: AgentDisk;
  readonly random: SeededRandom;
  readonly life: Life;
  readonly post: (event: AgentEvent) => void;
}

type Launch = Extract<AgentEffect, { type: 'launchContainer' }>;

/** How often it happens. */
const chances = { full: 0.003, unfetched: 0.02, slow: 0.01 };

/** The containerizer, as an agent sees it: what it asks of its machine takes a moment, or fails. */
export function createContainerPerformers(tools: Tools) {
  const { world, host, machine, disk, random, life, post } = tools;
  const { faults } = world;
  function later(act: () => void): void {
    const isSlow = random.chance(chances.slow);
    life.setTimer(isSlow ? random.between(50, 5000) : random.between(0.5, 20), act);
  }

  /** What the checkpoints do not know is destroyed. */
  function recoverContainers(known: readonly string[]): void {
    const statuses = new Map<ContainerIdText, ContainerStatus>();
    for (const container of machine.containers.values()) {
      if (!known.includes(container.id)) machine.kill(container.id, 9);
      else statuses.set(container.id as ContainerIdText, statusOf(container.id));
    }
    post({ type: 'ContainersRecovered', statuses });
  }

  function launchContainer({ run, config, checkpoint }: Launch): void {
    if (random.chance(chances.unfetched)) {
      post({ type: 'ContainerLaunched', run, result: err('Failed to fetch all URIs') });
      return;
    }
    const { pid: forked } = machine.start(run.container, config);
    if (world.sabotage === 'launch-repeated') machine.start(`${run.container} again`, config);
    faults.at('container.launch.forked', host);
    if (life.isOver) return;
    if (checkpoint) disk.noteForked(run.container, forked);
    later(() => {
      faults.at('container.launched.untold', host);
      post({ type: 'ContainerLaunched', run, result: ok(statusOf(run.container)) });
    });
  }

  function watchContainer(run: RunName): void {
    const isThere = machine.wait(run.container, (termination) =>
      later(() => {
        faults.at('container.ended.untold', host);
        post({ type: 'ContainerTerminated', run, termination });
      }),
    );
    if (!isThere) later(() => post({ type: 'ContainerTerminated', run, termination: undefined }));
  }

  return {
    createDirectory: ({ run }) => {
      const isFull = random.chance(chances.full);
      const result = isFull ? err('No space left on device') : ok(undefined);
      later(() => post({ type: 'DirectoryCreated', run, result }));
    },
    recoverContainers: ({ known }) =>
      later(() => recoverContainers(known.map((it) => it.containerId.value))),
    launchContainer: (effect) => later(() => launchContainer(effect)),
    watchContainer: ({ run }) => watchContainer(run),
    updateContainer: ({ run, tasks }) =>
      later(() => post({ type: 'ContainerUpdated', run, tasks, result: ok(undefined) })),
    destroyContainer: ({ container }) => later(() => void machine.kill(container, 9)),
    // The machine of a simulation remembers every end.
    forgetContainer: () => {},
  } satisfies Partial<AgentPerformers>;
}

function statusOf(container: string): ContainerStatus {
  return { containerId: { value: container } };
}
