import type { Framework } from './framework.ts';
import { Subscription } from './framework.ts';
import type { State } from './state.ts';

/** Puts a framework under a role, inactive; the first one makes the role take part in allocation. */
export function subscribe(state: State, framework: Framework, path: string): Subscription {
  const known = framework.subscriptions.get(path);
  if (known !== undefined) return known;
  const role = state.roles.getOrAdd(path);
  if (role.client === undefined) {
    role.sorter = state.frameworkSorter();
    role.client = state.roleSorter.add(path, role);
    state.roleSorter.setIdle(role.client, true);
    state.roleSorter.activate(role.client);
  }
  const subscription = new Subscription(framework, role);
  framework.subscriptions.set(path, subscription);
  role.subscriptions.set(framework.id, subscription);
  return subscription;
}

export function setActive(state: State, subscription: Subscription, isActive: boolean): void {
  if (subscription.isActive === isActive) return;
  subscription.isActive = isActive;
  const { role, client } = subscription;
  role.active += isActive ? 1 : -1;
  if (isActive) {
    role.sorter?.activate(client);
    state.demand++;
  } else {
    role.sorter?.deactivate(client);
  }
  if (role.client !== undefined) state.roleSorter.setIdle(role.client, role.active === 0);
}

/** Only when it holds nothing there. */
export function tryUnsubscribe(state: State, subscription: Subscription): boolean {
  if (subscription.agents.size > 0 || subscription.grants > 0) return false;
  setActive(state, subscription, false);
  const { role, framework } = subscription;
  framework.subscriptions.delete(role.path);
  role.subscriptions.delete(framework.id);
  role.sorter?.remove(subscription.client);
  if (role.subscriptions.size === 0 && role.client !== undefined) {
    state.roleSorter.remove(role.client);
    role.client = undefined;
    role.sorter = undefined;
  }
  state.roles.prune(role);
  return true;
}
