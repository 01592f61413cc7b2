import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerTermination } from '@mesita/sdk/types/containerizer';
import { removeTreeInside } from '../../linux/remove-tree.ts';
import * as schema from '../../wire/schema/containerizer.ts';
import type { Containerizer, LaunchRequest, LaunchResult } from '../containerizer.ts';
import { type Container, createContainer } from './container.ts';
import type { ContainerizerContext } from './context.ts';
import { destroyContainer } from './destroy.ts';
import { launchContainer } from './launch.ts';
import { isolatorsFor } from './named-isolator.ts';
import { containerKey, files, isSafeId, nestedSandbox, rootOf } from './paths.ts';
import { recoverContainers } from './recover.ts';
import type { PendingOperation } from './tracker.ts';
import { readStatus, readUsage } from './usage.ts';

export interface MesosContainerizer extends Containerizer {
  /** What isolators are busy with, for `/containerizer/debug`. */
  pendingOperations(): PendingOperation[];
  /** By the names of Mesos' metrics, since the start. */
  counters(): Readonly<Record<string, number>>;
  /** Lets go of everything without touching the containers: the next agent takes them up. */
  close(): Promise<void>;
}

export function createMesosContainerizer(context: ContainerizerContext): MesosContainerizer {
  const { containers, checkpoints } = context;
  const find: Find = (id) => containers.get(containerKey(id));

  async function launch(request: LaunchRequest): Promise<LaunchResult> {
    const { id, config } = request;
    if (config.containerInfo && config.containerInfo.type !== 'MESOS') return 'NOT_SUPPORTED';
    if (!isSafeId(id)) throw new Error(`Invalid container id '${containerKey(id)}'`);
    if (find(id)) return 'ALREADY_LAUNCHED';
    if (readTermination(id) !== undefined) return 'ALREADY_LAUNCHED';
    const isKnown = id.parent !== undefined || request.pidPath !== undefined;
    const container = createContainer(id, completeConfig(find, id, config), isKnown);
    containers.set(container.key, container);
    container.launched = launchContainer(context, container, request);
    try {
      await container.launched;
    } catch (error) {
      await destroyContainer(context, container);
      throw error;
    }
    return 'LAUNCHED';
  }

  function readTermination(id: ContainerID): ContainerTermination | undefined {
    return checkpoints.read(id, files.termination, schema.ContainerTermination);
  }

  async function wait(id: ContainerID): Promise<ContainerTermination | undefined> {
    const container = find(id);
    if (container) return container.terminated.promise;
    return isSafeId(id) ? readTermination(id) : undefined;
  }

  async function remove(id: ContainerID): Promise<void> {
    if (find(id)) {
      throw new Error(`${id.parent ? 'Nested container' : 'Container'} has not terminated yet`);
    }
    const root = find(rootOf(id));
    if (!isSafeId(id) || readTermination(id) === undefined) return;
    await checkpoints.remove(id);
    if (id.parent && root) await removeTreeInside(root.config.directory, nestedSandbox('', id));
  }

  return {
    recover: (known) => recoverContainers(context, known),
    launch,
    async update(id, requests, limits) {
      const container = find(id);
      if (!container || container.isNested || container.phase === 'DESTROYING') return;
      container.requests = requests.toMessages();
      container.limits = limits;
      await Promise.all(
        isolatorsFor(context.isolators, container).map(({ name, isolator }) =>
          context.tracker.track(`${name}::update`, id, async () =>
            isolator.update?.(id, requests, limits),
          ),
        ),
      );
    },
    async usage(id) {
      return readUsage(context, mustFind(find, id));
    },
    async status(id) {
      return readStatus(context, mustFind(find, id));
    },
    wait,
    async destroy(id) {
      const container = find(id);
      return container ? destroyContainer(context, container) : wait(id);
    },
    async kill(id, signal) {
      const container = find(id);
      if (container?.pid === undefined) return false;
      return context.launcher.kill(id, signal);
    },
    remove,
    attachOutput: async (id) => context.switchboard.attachOutput(mustFind(find, id).id),
    attachInput: async (id) => context.switchboard.attachInput(mustFind(find, id).id),
    onSandboxLeft(listener) {
      context.sandboxLeft = listener;
    },
    containers: async () => [...containers.values()].map(({ id }) => id),
    pendingOperations: () => context.tracker.pending(),
    counters: () => ({
      ...context.fetcher.counters(),
      'containerizer/mesos/container_destroy_errors': context.destroyErrors,
    }),
    async close() {
      await context.switchboard.close();
      await context.launcher.close();
    },
  };
}

type Find = (id: ContainerID) => Container | undefined;

function mustFind(find: Find, id: ContainerID): Container {
  const container = find(id);
  if (!container) throw new Error(`Unknown container ${containerKey(id)}`);
  return container;
}

/** A nested container takes its sandbox, its user and its executor from those above it. */
function completeConfig(find: Find, id: ContainerID, config: ContainerConfig): ContainerConfig {
  if (!id.parent) return config;
  if (config.taskInfo) throw new Error('A nested container has no task of its own');
  const parent = find(id.parent);
  if (!parent) throw new Error(`Parent container ${containerKey(id.parent)} does not exist`);
  if (parent.phase === 'DESTROYING') {
    throw new Error(`Parent container ${parent.key} is in 'DESTROYING' state`);
  }
  const root = find(rootOf(id))?.config;
  return {
    ...config,
    directory: nestedSandbox(root?.directory ?? '', id),
    user: config.commandInfo.user ?? config.user ?? parent.config.user,
    executorInfo: root?.executorInfo,
  };
}
