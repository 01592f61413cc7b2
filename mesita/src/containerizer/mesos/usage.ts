import { availableParallelism, totalmem } from 'node:os';
import type { ContainerStatus, Resource, ResourceStatistics } from '@mesita/sdk/types';
import type { Container } from './container.ts';
import type { ContainerizerContext } from './context.ts';
import { mergeMessages } from './merge-messages.ts';
import { isolatorsFor } from './named-isolator.ts';

/** What the isolators measure, merged; one that fails is left out. */
export async function readUsage(
  context: ContainerizerContext,
  container: Container,
): Promise<ResourceStatistics> {
  await context.breathe();
  const parts = await ask(context, container, 'usage', async ({ isolator }) =>
    isolator.usage?.(container.id),
  );
  const start: Partial<ResourceStatistics> = describeLimits(container);
  const merged = parts.reduce((sum, part) => mergeMessages(sum, part), start);
  return { ...merged, timestamp: context.clock.now() / 1000 };
}

export async function readStatus(
  context: ContainerizerContext,
  container: Container,
): Promise<ContainerStatus> {
  const parts = await ask(context, container, 'status', async ({ isolator }) =>
    isolator.status?.(container.id),
  );
  const start: ContainerStatus = { containerId: container.id };
  return [...parts, context.launcher.status(container.id)].reduce<ContainerStatus>(
    (sum, part) => mergeMessages(sum, part),
    start,
  );
}

async function ask<T extends object>(
  context: ContainerizerContext,
  container: Container,
  method: string,
  question: (isolator: ReturnType<typeof isolatorsFor>[number]) => Promise<T | undefined>,
): Promise<T[]> {
  const answers = await Promise.allSettled(
    isolatorsFor(context.isolators, container).map((each) =>
      context.tracker.track(`${each.name}::${method}`, container.id, () => question(each)),
    ),
  );
  return answers.flatMap((answer) => {
    if (answer.status === 'fulfilled') return answer.value ? [answer.value] : [];
    context.log.warn(`isolator does not tell its ${method}`, {
      containerId: container.key,
      error: answer.reason,
    });
    return [];
  });
}

/** Soft limits are what was asked for. A limit may go beyond it, up to all there is. */
function describeLimits({ requests, limits }: Container): Partial<ResourceStatistics> {
  const cpus = sum(requests, 'cpus');
  const mem = toBytes(sum(requests, 'mem'));
  const cpusLimit = limits.cpus ? Math.min(limits.cpus.value, availableParallelism()) : undefined;
  const memLimit = limits.mem ? Math.min(toBytes(limits.mem.value) ?? 0, totalmem()) : mem;
  return { cpusSoftLimit: cpus, memSoftLimitBytes: mem, cpusLimit, memLimitBytes: memLimit };
}

function toBytes(megabytes: number | undefined): number | undefined {
  return megabytes === undefined ? undefined : Math.round(megabytes * 1024 * 1024);
}

function sum(resources: readonly Resource[], name: string): number | undefined {
  const found = resources.filter((resource) => resource.name === name && resource.scalar);
  if (found.length === 0) return undefined;
  return found.reduce((total, { scalar }) => total + (scalar?.value ?? 0), 0);
}
