import type { ContainerID } from '@mesita/sdk/types';

/** From the root container down to this one. */
export function lineageOf(id: ContainerID): string[] {
  return [...(id.parent ? lineageOf(id.parent) : []), id.value];
}

export function keyOf(id: ContainerID): string {
  return lineageOf(id).join('.');
}
