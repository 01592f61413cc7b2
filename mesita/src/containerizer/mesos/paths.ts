import { join } from 'node:path';
import type { ContainerID } from '@mesita/sdk/types';

/** Names of files in a container's runtime directory, as Mesos has them. */
export const files = {
  config: 'config',
  launchInfo: 'launch_info',
  pid: 'pid',
  status: 'status',
  termination: 'termination',
  forceDestroyOnRecovery: 'force_destroy_on_recovery',
  standalone: 'standalone.marker',
} as const;

/** From the root container down to this one. */
export function lineage(id: ContainerID): ContainerID[] {
  const chain: ContainerID[] = [];
  for (let each: ContainerID | undefined = id; each; each = each.parent) chain.unshift(each);
  return chain;
}

export function rootOf(id: ContainerID): ContainerID {
  return lineage(id)[0] ?? id;
}

/** `root.child`: how logs and maps name a container. */
export function containerKey(id: ContainerID): string {
  return lineage(id)
    .map((each) => each.value)
    .join('.');
}

export function containersPath(runtimeDir: string): string {
  return join(runtimeDir, 'containers');
}

/** `<runtime_dir>/containers/<id>/containers/<child>…` */
export function runtimePath(runtimeDir: string, id: ContainerID): string {
  return join(runtimeDir, ...lineage(id).flatMap((each) => ['containers', each.value]));
}

/** `<root's sandbox>/containers/<child>/containers/<grandchild>…` */
export function nestedSandbox(rootSandbox: string, id: ContainerID): string {
  const below = lineage(id).slice(1);
  return join(rootSandbox, ...below.flatMap((each) => ['containers', each.value]));
}

/** An id becomes a directory's name, so it must not lead elsewhere. */
export function isSafeId(id: ContainerID): boolean {
  const chain = lineage(id);
  return (
    chain.length <= 32 && chain.every(({ value }) => /^(?!\.{1,2}$)[^/\0]{1,255}$/.test(value))
  );
}
