import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerState } from '@mesita/sdk/types/containerizer';
import * as schema from '../../wire/schema/containerizer.ts';
import { type Container, createContainer } from './container.ts';
import type { ContainerizerContext } from './context.ts';
import { destroyQuietly, watchLimits } from './launch.ts';
import { isolatorsFor } from './named-isolator.ts';
import { containerKey, files, isSafeId, rootOf } from './paths.ts';

interface Found {
  readonly container: Container;
  readonly state: ContainerState;
  readonly isOrphan: boolean;
}

/**
 * Takes up what an earlier agent left. Containers of known executors live on (or are found dead,
 * and end with their true status); what nobody knows is destroyed.
 */
export async function recoverContainers(
  context: ContainerizerContext,
  known: readonly ContainerState[],
): Promise<void> {
  const found = await findContainers(context, known);
  for (const { container } of found) context.containers.set(container.key, container);
  const states = found.map(({ state }) => state);
  for (const id of await context.launcher.recover(states)) {
    const orphan = await takeOrphan(context, id);
    context.containers.set(orphan.container.key, orphan.container);
    found.push(orphan);
  }
  await context.switchboard.recover(found.map(({ container }) => container.id));
  await recoverIsolators(context, found);
  for (const { container, isOrphan } of found) {
    await context.breathe();
    if (isOrphan) context.log.info('destroying orphan container', { containerId: container.key });
    else watchLimits(context, container);
    const over = isOrphan ? Promise.resolve() : context.launcher.ended(container.id);
    void over.then(() => destroyQuietly(context, container));
  }
}

/** The known ones and whatever has a runtime directory, parents before children. */
async function findContainers(
  context: ContainerizerContext,
  known: readonly ContainerState[],
): Promise<Found[]> {
  const recoverable = new Set(known.map(({ containerId }) => containerKey(containerId)));
  const isOver = (id: ContainerID) => context.checkpoints.has(id, files.termination);
  const living = known.filter(({ containerId }) => !isOver(containerId));
  const found = await Promise.all(living.map((state) => takeKnown(context, state)));
  for (const id of context.checkpoints.list()) {
    if (recoverable.has(containerKey(id)) || !isSafeId(id)) continue;
    if (isOver(id)) {
      // Nobody will ask for it any more.
      if (!id.parent) await context.checkpoints.remove(id);
      continue;
    }
    const other = await takeFound(context, id, recoverable);
    if (!other.isOrphan) recoverable.add(other.container.key);
    found.push(other);
  }
  return found;
}

async function takeKnown(context: ContainerizerContext, state: ContainerState): Promise<Found> {
  const container = await restore(
    context,
    state.containerId,
    state.directory,
    context.checkpoints.has(state.containerId),
  );
  container.pid = state.pid;
  return { container, state, isOrphan: false };
}

/** Nested and standalone containers are known from here only. */
async function takeFound(
  context: ContainerizerContext,
  id: ContainerID,
  recoverable: ReadonlySet<string>,
): Promise<Found> {
  const { checkpoints } = context;
  const container = await restore(context, id, '');
  const pid = Number(checkpoints.readText(id, files.pid));
  const mustEnd = checkpoints.readText(id, files.forceDestroyOnRecovery) !== undefined;
  const isStandalone = checkpoints.readText(id, files.standalone) !== undefined;
  const isRooted = id.parent ? recoverable.has(containerKey(rootOf(id))) : isStandalone;
  if (pid > 0) container.pid = pid;
  const { directory, containerInfo } = container.config;
  const state = { containerId: id, pid: pid || 0, directory, containerInfo };
  return { container, state, isOrphan: mustEnd || !isRooted || !(pid > 0) };
}

/** The launcher found processes, or what is left of them, that nothing else tells of. */
async function takeOrphan(context: ContainerizerContext, id: ContainerID): Promise<Found> {
  if (!context.checkpoints.has(id)) context.checkpoints.create(id);
  const container = await restore(context, id, '');
  return { container, state: { containerId: id, pid: 0, directory: '' }, isOrphan: true };
}

async function restore(
  { checkpoints, breathe }: ContainerizerContext,
  id: ContainerID,
  directory: string,
  keepsTermination?: boolean,
): Promise<Container> {
  await breathe();
  const config = checkpoints.read(id, files.config, schema.ContainerConfig);
  const container = createContainer(id, config ?? { directory, commandInfo: {} }, keepsTermination);
  container.launchInfo = checkpoints.read(id, files.launchInfo, schema.ContainerLaunchInfo);
  container.phase = 'RUNNING';
  container.isPrepared = true;
  return container;
}

async function recoverIsolators(
  { isolators, tracker }: ContainerizerContext,
  found: readonly Found[],
): Promise<void> {
  await Promise.all(
    isolators.map(({ name, isolator }) => {
      const mine = found.filter(
        ({ container }) => isolatorsFor([{ name, isolator }], container).length > 0,
      );
      const states = mine.filter(({ isOrphan }) => !isOrphan).map(({ state }) => state);
      const ids = mine.filter(({ isOrphan }) => isOrphan).map(({ container }) => container.id);
      return tracker.track(`${name}::recover`, undefined, async () =>
        isolator.recover?.(states, ids),
      );
    }),
  );
}
