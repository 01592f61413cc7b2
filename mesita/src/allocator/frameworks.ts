import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { FrameworkOptions } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo } from '@mesita/sdk/types';
import { charge, release } from './books.ts';
import { parseOfferConstraints } from './constraints/offer-constraints.ts';
import { Framework } from './framework.ts';
import { clearInverseFilters } from './inverse-offers.ts';
import { clearRefusals } from './offer-filters.ts';
import { requestRun } from './requests.ts';
import type { State } from './state.ts';
import { setActive, subscribe, tryUnsubscribe } from './subscriptions.ts';

export function addFramework(
  state: State,
  id: FrameworkId,
  info: FrameworkInfo,
  used: ReadonlyMap<AgentId, Resources>,
  isActive: boolean,
  options: FrameworkOptions,
): void {
  if (state.frameworks.has(id)) {
    state.log.error('framework was added before', { frameworkId: id });
    return;
  }
  const framework = new Framework(id, info, isActive, state.numbers);
  setConstraints(state, framework, options);
  state.frameworks.set(id, framework);
  if (framework.minimums.size > 0) state.ownMinimums++;
  for (const role of framework.roles) {
    const subscription = subscribe(state, framework, role);
    if (options.suppressedRoles.has(role)) framework.suppressed.add(role);
    else setActive(state, subscription, isActive);
  }
  for (const [agentId, resources] of used) {
    const agent = state.agents.get(agentId);
    if (agent === undefined) continue;
    charge(state, agent, framework, resources, true);
  }
  if (isActive) requestRun(state);
}

/** The master checks constraints before; wrong ones exclude nobody. */
function setConstraints(
  state: State,
  framework: Framework,
  { offerConstraints }: FrameworkOptions,
): void {
  framework.constraints = undefined;
  if (offerConstraints === undefined) return;
  const { regexMaxMemoryBytes: maxMemoryBytes, regexMaxProgramSize: maxProgramSize } =
    state.options;
  const constraints = parseOfferConstraints(offerConstraints, { maxMemoryBytes, maxProgramSize });
  if (constraints.ok) framework.constraints = constraints.value;
  else
    state.log.error('invalid offer constraints', {
      frameworkId: framework.id,
      reason: constraints.error,
    });
}

export function removeFramework(state: State, framework: Framework): void {
  for (const refusals of framework.refusals.values()) clearRefusals(state.agenda, refusals);
  clearInverseFilters(state.agenda, framework);
  for (const agent of state.agents.values()) {
    agent.fold();
    for (const { role, resources } of agent.held.of(framework.id)) {
      agent.release(framework.id, role, resources);
      release(state, agent, framework, role, resources);
    }
  }
  for (const subscription of [...framework.subscriptions.values()])
    tryUnsubscribe(state, subscription);
  framework.retire();
  if (framework.minimums.size > 0) state.ownMinimums--;
  state.frameworks.delete(framework.id);
  state.completed.push(framework);
  if (state.completed.length > state.options.maxCompletedFrameworks) state.completed.shift();
}

export function activateFramework(state: State, framework: Framework): void {
  framework.isActive = true;
  for (const role of framework.roles) {
    const subscription = framework.subscriptions.get(role);
    if (subscription !== undefined && !framework.suppressed.has(role))
      setActive(state, subscription, true);
  }
  requestRun(state);
}

export function deactivateFramework(state: State, framework: Framework): void {
  framework.isActive = false;
  for (const role of framework.roles) {
    const subscription = framework.subscriptions.get(role);
    if (subscription !== undefined) setActive(state, subscription, false);
  }
  for (const refusals of framework.refusals.values()) clearRefusals(state.agenda, refusals);
  clearInverseFilters(state.agenda, framework);
}

export function updateFramework(
  state: State,
  framework: Framework,
  info: FrameworkInfo,
  options: FrameworkOptions,
): void {
  const oldRoles = framework.roles;
  const oldSuppressed = new Set(framework.suppressed);
  if (framework.minimums.size > 0) state.ownMinimums--;
  framework.update(info);
  if (framework.minimums.size > 0) state.ownMinimums++;
  state.demand++;
  for (const role of framework.roles) {
    if (!oldRoles.has(role)) setActive(state, subscribe(state, framework, role), true);
  }
  for (const role of oldRoles) {
    if (!framework.roles.has(role)) dropRole(state, framework, role);
  }
  setConstraints(state, framework, options);
  const { suppressedRoles } = options;
  suppress(
    state,
    framework,
    [...suppressedRoles].filter((role) => !oldSuppressed.has(role)),
  );
  const revived = [...oldSuppressed].filter(
    (role) => !suppressedRoles.has(role) && framework.roles.has(role),
  );
  revive(state, framework, revived);
}

function dropRole(state: State, framework: Framework, role: string): void {
  const subscription = framework.subscriptions.get(role);
  if (subscription !== undefined) {
    setActive(state, subscription, false);
    tryUnsubscribe(state, subscription);
  }
  clearRefusals(state.agenda, framework.refusals.get(role));
  framework.suppressed.delete(role);
}

export function suppress(state: State, framework: Framework, roles: Iterable<string>): void {
  for (const role of roles) {
    const subscription = framework.subscriptions.get(role);
    if (subscription === undefined || !framework.roles.has(role)) continue;
    setActive(state, subscription, false);
    framework.suppressed.add(role);
  }
}

/** All inverse filters go, and the filters of these roles, suppressed before or not. */
export function revive(state: State, framework: Framework, roles: Iterable<string>): void {
  clearInverseFilters(state.agenda, framework);
  for (const role of roles) {
    const subscription = framework.subscriptions.get(role);
    if (subscription === undefined || !framework.roles.has(role)) continue;
    clearRefusals(state.agenda, framework.refusals.get(role));
    framework.suppressed.delete(role);
    subscription.idleUntil = 0;
    setActive(state, subscription, true);
  }
}
