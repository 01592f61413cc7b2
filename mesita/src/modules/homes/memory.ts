import type { KindName } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerState } from '@mesita/sdk/types/containerizer';
import { rememberAllocation } from './memory-allocator.ts';

/**
 * What a module must be told again when its home was started anew, so that it knows what it knew:
 * a module in the daemon's own process would have been told at the daemon's restart.
 */
export interface Memory {
  /** A call is about to be made. */
  called(method: string, args: readonly unknown[]): void;
  /** A request was answered, and well. */
  answered?(method: string, args: readonly unknown[], result: unknown): void;
  /** The module called the daemon. */
  heard(method: string, args: readonly unknown[]): void;
  /** Calls that bring a new life up to the present, in order. */
  replay(): readonly (readonly [method: string, args: readonly unknown[]])[];
}

/** A memory that tells others what the module said to the daemon. */
export interface ListenedMemory extends Memory {
  listen(listener: Memory['heard']): () => void;
}

export function withListeners(memory: Memory): ListenedMemory {
  const listeners = new Set<Memory['heard']>();
  return {
    ...memory,
    heard(method, args) {
      memory.heard(method, args);
      for (const listener of listeners) listener(method, args);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function createMemory(kind: KindName): Memory {
  if (kind === 'Allocator') return rememberAllocation();
  return kind === 'Isolator' ? rememberContainers() : rememberStart();
}

/** Most kinds are told at their start what they are, and nothing later that they must keep. */
function rememberStart(): Memory {
  let initialize: readonly unknown[] | undefined;
  return {
    called(method, args) {
      if (method === 'initialize') initialize = args;
    },
    heard() {},
    replay: () => (initialize ? [['initialize', initialize]] : []),
  };
}

/** Containers that were isolated and not cleaned up: an isolator is told of them by `recover`. */
function rememberContainers(): Memory {
  const configs = new Map<string, ContainerConfig>();
  const states = new Map<string, ContainerState>();

  const act: Readonly<Record<string, (args: readonly unknown[]) => void>> = {
    recover([recovered]) {
      for (const state of recovered as readonly ContainerState[])
        states.set(keyOf(state.containerId), state);
    },
    prepare([id, config]) {
      configs.set(keyOf(id as ContainerID), config as ContainerConfig);
    },
    isolate([id, pid]) {
      const key = keyOf(id as ContainerID);
      const config = configs.get(key);
      if (config) states.set(key, stateOf(id as ContainerID, pid as number, config));
    },
    cleanup([id]) {
      const key = keyOf(id as ContainerID);
      configs.delete(key);
      states.delete(key);
    },
  };
  return {
    called: (method, args) => act[method]?.(args),
    heard() {},
    replay: () => (states.size > 0 ? [['recover', [[...states.values()], []]]] : []),
  };
}

function stateOf(id: ContainerID, pid: number, config: ContainerConfig): ContainerState {
  const { executorInfo, directory, ephemeralVolumes, containerInfo } = config;
  return { executorInfo, containerId: id, pid, directory, ephemeralVolumes, containerInfo };
}

function keyOf({ value, parent }: ContainerID): string {
  return parent === undefined ? value : `${keyOf(parent)}.${value}`;
}
