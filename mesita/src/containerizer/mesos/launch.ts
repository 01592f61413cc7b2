import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainerInfo } from '@mesita/sdk/types';
import type { ContainerLaunchInfo } from '@mesita/sdk/types/containerizer';
import { makeDirectoryInside } from '../../linux/inside.ts';
import type { Confinement } from '../../linux/launcher/forker.ts';
import { findUser, type User } from '../../linux/users.ts';
import * as schema from '../../wire/schema/containerizer.ts';
import type { LaunchRequest } from '../containerizer.ts';
import { replaceFile } from './checkpoints.ts';
import { createConfinement } from './confinement.ts';
import type { Container, ContainerPhase } from './container.ts';
import type { ContainerizerContext } from './context.ts';
import { destroyContainer } from './destroy.ts';
import { createForkSpec } from './fork-spec.ts';
import { commandOf, type IsolatorLaunchInfo, mergeLaunchInfo } from './launch-info.ts';
import { isolatorsFor } from './named-isolator.ts';
import { containerKey, files, nestedSandbox, rootOf } from './paths.ts';

/**
 * A container's way from STARTING to RUNNING. Every step ends early when the container is
 * destroyed meanwhile; whoever called it then waits for the destroy.
 */
export async function launchContainer(
  context: ContainerizerContext,
  container: Container,
  request: LaunchRequest,
): Promise<void> {
  const { checkpoints, launcher } = context;
  const { id } = container;
  await context.breathe();
  const user = await resolveUser(context, container.config.user);
  const directory = await createDirectories(context, container, user);

  enter(container, 'PROVISIONING');
  refuseUnsupported(container.config.containerInfo);

  enter(container, 'PREPARING');
  checkpoints.write(id, files.config, schema.ContainerConfig, container.config);
  const info = await prepare(context, container, request);
  container.launchInfo = info;
  checkpoints.write(id, files.launchInfo, schema.ContainerLaunchInfo, info);
  const outputs = await context.switchboard.prepare({
    ...{ id, user, config: container.config },
    isSession: request.isSession ?? false,
  });
  await context.breathe();
  throwIfDestroyed(container);
  const confinement = confine(context, container, info);
  const spec = createForkSpec(container, directory, info, user, confinement);
  const pid = await launcher.fork(id, { ...spec, ...outputs });
  context.switchboard.handOver(id);
  container.pid = pid;
  void launcher.ended(id).then(() => destroyQuietly(context, container));
  if (request.pidPath !== undefined) writeAgentsNote(request.pidPath, pid);
  checkpoints.writeText(id, files.pid, String(pid));

  enter(container, 'ISOLATING');
  watchLimits(context, container);
  await isolate(context, container, pid);

  enter(container, 'FETCHING');
  await context.fetcher.fetch({
    containerId: container.key,
    command: commandOf(container.config),
    directory: container.config.directory,
    runtimeDirectory: directory,
    user,
    signal: container.abort.signal,
  });
  await context.afterFetch?.(id, container.config.directory);

  throwIfDestroyed(container);
  // Before the release: a program that does not exist has ended by the time that is answered.
  enter(container, 'RUNNING');
  await launcher.release(id);
}

/** A task that asked for an image, a network or a volume must not run without it. */
function refuseUnsupported(info: ContainerInfo | undefined): void {
  if (info?.mesos?.image) throw new Error('Container images are not supported yet');
  const network = info?.networkInfos?.find(({ name }) => name !== undefined);
  if (network) throw new Error(`Unknown CNI network '${network.name}'`);
  for (const { image, source } of info?.volumes ?? []) {
    if (image) throw new Error('Volumes of images are not supported yet');
    const type = source?.type ?? '';
    if (['DOCKER_VOLUME', 'SECRET', 'CSI_VOLUME'].includes(type)) {
      throw new Error(`Volumes of type ${type} are not supported yet`);
    }
  }
}

/**
 * Tells the agent after a crash that there is a process to wait for. After a reboot there is none,
 * so the note need not be on the disk.
 */
function writeAgentsNote(path: string, pid: number): void {
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, String(pid));
}

function enter(container: Container, phase: ContainerPhase): void {
  throwIfDestroyed(container);
  container.phase = phase;
}

function throwIfDestroyed({ abort }: Container): void {
  abort.signal.throwIfAborted();
}

async function resolveUser(
  { switchUser }: ContainerizerContext,
  name: string | undefined,
): Promise<User | undefined> {
  if (name === undefined || !switchUser) return undefined;
  return findUser(name);
}

/** The runtime directory with its markers, and for nested containers the sandbox. */
async function createDirectories(
  { checkpoints, containers }: ContainerizerContext,
  { id, config, isNested, isStandalone }: Container,
  user: User | undefined,
): Promise<string> {
  const directory = checkpoints.create(id);
  if (config.containerClass === 'DEBUG') {
    checkpoints.writeText(id, files.forceDestroyOnRecovery, '');
  }
  if (isStandalone) checkpoints.writeText(id, files.standalone, '');
  if (isNested) {
    const root = containers.get(containerKey(rootOf(id)));
    if (!root) throw new Error(`Root container of ${containerKey(id)} does not exist`);
    await makeDirectoryInside(root.config.directory, nestedSandbox('', id), user);
  }
  return directory;
}

/** Isolators one after the other: a later one may build on what an earlier one made. */
async function prepare(
  context: ContainerizerContext,
  container: Container,
  request: LaunchRequest,
): Promise<ContainerLaunchInfo> {
  const infos: IsolatorLaunchInfo[] = [];
  container.isPrepared = true;
  for (const { name, isolator } of isolatorsFor(context.isolators, container)) {
    throwIfDestroyed(container);
    const info = await context.tracker.track(`${name}::prepare`, container.id, async () =>
      isolator.prepare?.(container.id, container.config),
    );
    if (info) infos.push({ isolator: name, info });
  }
  const merged = mergeLaunchInfo({
    config: container.config,
    infos,
    environment: request.environment,
    sandboxDirectory: context.sandboxDirectory,
    parent: parentLaunchInfo(context, container),
  });
  if (!merged.ok) throw new Error(merged.error);
  return merged.value;
}

function confine(
  { containers }: ContainerizerContext,
  { id, config, isNested }: Container,
  info: ContainerLaunchInfo,
): Confinement | undefined {
  const sandbox = containers.get(containerKey(rootOf(id)))?.config.directory ?? config.directory;
  return createConfinement({
    info,
    isNested,
    parentPid: id.parent && containers.get(containerKey(id.parent))?.pid,
    writable: [sandbox, ...(config.rootfs === undefined ? [] : [config.rootfs])],
  });
}

function parentLaunchInfo(
  { checkpoints }: ContainerizerContext,
  { id, config }: Container,
): ContainerLaunchInfo | undefined {
  if (!id.parent || config.containerClass !== 'DEBUG') return undefined;
  return checkpoints.read(id.parent, files.launchInfo, schema.ContainerLaunchInfo);
}

async function isolate(
  { isolators, tracker }: ContainerizerContext,
  container: Container,
  pid: number,
): Promise<void> {
  const work = isolatorsFor(isolators, container).map(({ name, isolator }) =>
    tracker.track(`${name}::isolate`, container.id, async () =>
      isolator.isolate?.(container.id, pid),
    ),
  );
  // All settle before the launch fails: a destroy must not meet an isolator at work.
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Also armed again after a recovery. */
export function watchLimits(context: ContainerizerContext, container: Container): void {
  const { signal } = container.abort;
  for (const { name, isolator } of isolatorsFor(context.isolators, container)) {
    isolator.watch?.(container.id, signal).then(
      (limitation) => {
        // What an isolator knows when its watch ends still explains why the process did.
        container.limitations.push(limitation);
        if (!signal.aborted) void destroyQuietly(context, container);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        context.log.error('isolator cannot watch its container', {
          isolator: name,
          containerId: container.key,
          error,
        });
        void destroyQuietly(context, container);
      },
    );
  }
}

/** For ends that nobody asked for. A failure shows where the container is waited for. */
export async function destroyQuietly(
  context: ContainerizerContext,
  container: Container,
): Promise<void> {
  await destroyContainer(context, container).catch(() => {});
}
