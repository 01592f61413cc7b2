import { relative } from 'node:path';
import type { ContainerID } from '@mesita/sdk/types';
import { keyOf, lineageOf } from './container-key.ts';

/** A nested sandbox lies in its root's, whose owner may exchange any directory on the way to it. */
export interface Sandbox {
  /** Of the root container: the agent made it, so its path can be trusted. */
  readonly root: string;
  /** Below that; empty for the root container itself. */
  readonly path: string;
}

interface Sandboxes {
  remember(id: ContainerID, directory: string): void;
  forget(id: ContainerID): void;
  find(id: ContainerID): Sandbox | undefined;
}

export function createSandboxes(): Sandboxes {
  const directories = new Map<string, string>();
  return {
    remember: (id, directory) => void directories.set(keyOf(id), directory),
    forget: (id) => void directories.delete(keyOf(id)),
    find(id) {
      const directory = directories.get(keyOf(id));
      if (directory === undefined) return undefined;
      const root = directories.get(lineageOf(id)[0] ?? '') ?? directory;
      return { root, path: relative(root, directory) };
    },
  };
}
