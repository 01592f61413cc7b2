// Those whom a token names by claims alone: executors, and resource providers.
import type { ObjectApprover, Principal } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';
import type { Action } from '@mesita/sdk/types/authorizer';

const ofExecutors: ReadonlySet<Action> = new Set<Action>([
  'LAUNCH_NESTED_CONTAINER',
  'WAIT_NESTED_CONTAINER',
  'KILL_NESTED_CONTAINER',
  'LAUNCH_NESTED_CONTAINER_SESSION',
  'REMOVE_NESTED_CONTAINER',
  'ATTACH_CONTAINER_OUTPUT',
]);

const ofProviders: ReadonlySet<Action> = new Set<Action>([
  'LAUNCH_STANDALONE_CONTAINER',
  'WAIT_STANDALONE_CONTAINER',
  'KILL_STANDALONE_CONTAINER',
  'REMOVE_STANDALONE_CONTAINER',
  'VIEW_STANDALONE_CONTAINER',
]);

/** What is inside of their own container, or begins with their own prefix, is theirs. */
export function approveByClaims({ claims = {} }: Principal, action: Action): ObjectApprover {
  const { cid, cid_prefix: prefix } = claims;
  if (ofExecutors.has(action) && cid !== undefined) {
    return (object) => object?.containerId !== undefined && rootOf(object.containerId) === cid;
  }
  if (ofProviders.has(action) && prefix !== undefined) {
    return (object) => object?.containerId?.value.startsWith(prefix) ?? false;
  }
  return () => false;
}

function rootOf(id: ContainerID): string {
  let root = id;
  while (root.parent) root = root.parent;
  return root.value;
}
