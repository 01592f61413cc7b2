import { basename, dirname } from 'node:path';
import type { Resource } from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import * as schema from '../../wire/schema/containerizer.ts';
import type { Container } from './container.ts';
import type { ContainerizerContext } from './context.ts';
import { isolatorsFor } from './named-isolator.ts';
import { containerKey, files, nestedSandbox, rootOf } from './paths.ts';

const sigkill = 9;

/**
 * Ends a container from whatever state it is in, its nested ones first. Asked again it answers
 * what it is doing already. When cleaning up fails the container stays DESTROYING for good.
 */
export function destroyContainer(
  context: ContainerizerContext,
  container: Container,
): Promise<ContainerTermination> {
  container.destroyed ??= begin(context, container);
  return container.destroyed;
}

async function begin(
  context: ContainerizerContext,
  container: Container,
): Promise<ContainerTermination> {
  const before = container.phase;
  container.phase = 'DESTROYING';
  const during = before.toLowerCase();
  container.abort.abort(new Error(`Container is being destroyed during ${during}`));
  try {
    await container.launched.catch(() => {});
    await destroyChildren(context, container);
    await context.breathe();
    const termination = await endProcesses(context, container);
    await context.switchboard.cleanUp(container.id);
    await context.breathe();
    if (container.isPrepared) await cleanUp(context, container);
    await finish(context, container, termination);
    container.terminated.resolve(termination);
    return termination;
  } catch (error) {
    context.destroyErrors++;
    context.log.error('failed to destroy container', { containerId: container.key, error });
    container.terminated.reject(error);
    throw error;
  }
}

async function destroyChildren(context: ContainerizerContext, parent: Container): Promise<void> {
  const children = [...context.containers.values()].filter(
    ({ id }) => id.parent !== undefined && containerKey(id.parent) === parent.key,
  );
  const ends = await Promise.allSettled(children.map((child) => destroyContainer(context, child)));
  if (ends.some(({ status }) => status === 'rejected')) {
    throw new Error('Failed to destroy nested containers');
  }
}

async function endProcesses(
  { launcher, checkpoints }: ContainerizerContext,
  container: Container,
): Promise<ContainerTermination> {
  await launcher.destroy(container.id);
  const text = checkpoints.readText(container.id, files.status);
  // A supervisor that was killed leaves no status. What it watched was killed with it.
  const status = text ? Number.parseInt(text, 10) : sigkill;
  return { ...(container.pid !== undefined && { status }), ...explainLimits(container) };
}

/** The isolators' reasons, when it was they who ended it. */
function explainLimits({ limitations }: Container): ContainerTermination {
  const [first] = limitations;
  if (!first) return {};
  const messages = limitations.flatMap(({ message }) => (message ? [message] : []));
  const resources: Resource[] = limitations.flatMap((each) => each.resources ?? []);
  return {
    state: 'TASK_FAILED',
    ...(first.reason && { reason: first.reason }),
    ...(messages.length > 0 && { message: messages.join('; ') }),
    ...(resources.length > 0 && { limitedResources: resources }),
  };
}

/** In reverse order, every one of them, whatever the others say. */
async function cleanUp(context: ContainerizerContext, container: Container): Promise<void> {
  const failures: string[] = [];
  for (const { name, isolator } of isolatorsFor(context.isolators, container).reverse()) {
    try {
      await context.tracker.track(`${name}::cleanup`, container.id, async () =>
        isolator.cleanup?.(container.id),
      );
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (failures.length > 0) {
    throw new Error(
      `Failed to clean up an isolator when destroying container: ${failures.join('; ')}`,
    );
  }
}

function tellOfSandbox(
  { containers, sandboxLeft }: ContainerizerContext,
  { id, config, isNested, isStandalone }: Container,
): void {
  const root = containers.get(containerKey(rootOf(id)))?.config.directory;
  if (isNested && root) sandboxLeft(root, nestedSandbox('', id));
  if (isStandalone) sandboxLeft(dirname(config.directory), basename(config.directory));
}

/** An end that somebody asks for stays readable until it is removed, or its root is. */
async function finish(
  context: ContainerizerContext,
  container: Container,
  termination: ContainerTermination,
): Promise<void> {
  const { checkpoints, containers } = context;
  tellOfSandbox(context, container);
  if (container.keepsTermination) {
    const { id } = container;
    checkpoints.write(id, files.termination, schema.ContainerTermination, termination);
  } else {
    await checkpoints.remove(container.id);
  }
  containers.delete(container.key);
}
