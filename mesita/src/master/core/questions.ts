// What the core is about to ask approvers, for who must look the answers up before it does.
import type { OfferId } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
import { mayRegisterAgent, mayRegisterFramework, mayRunTask, type Question } from './approvers.ts';
import type { AuthorizationOutcome } from './events.ts';
import { completeTask, tasksOfGroup, withAllocation } from './handlers/calls/normalize.ts';
import { questionsAbout } from './operation-objects.ts';
import type { Framework, MasterState } from './state.ts';
import { validateOperationResources } from './validation/operation-resources.ts';

/** Right after it has the approvers. */
export function questionsOfOutcome({
  type,
  request,
}: Pick<AuthorizationOutcome, 'type' | 'request'>): readonly Question[] {
  if (type === 'AgentAuthorized') return [mayRegisterAgent];
  const subscribe = 'call' in request ? request.call.subscribe : undefined;
  return subscribe ? [mayRegisterFramework(subscribe.frameworkInfo)] : [];
}

/** While it takes up the call of a framework that is subscribed. */
export function questionsOfCall(
  state: MasterState,
  { info }: Framework,
  { type, accept, updateFramework }: scheduler.Call,
): readonly Question[] {
  if (type === 'UPDATE_FRAMEWORK' && updateFramework) {
    return [mayRegisterFramework(updateFramework.frameworkInfo)];
  }
  if (type !== 'ACCEPT' || !accept) return [];
  const role = roleOf(state, accept);
  if (role === undefined) return [];
  return (accept.operations ?? []).flatMap((operation) => {
    // What cannot be read is refused before anybody is asked.
    if (validateOperationResources(operation) !== undefined) return [];
    const complete = withAllocation(operation, role);
    const { launch, launchGroup } = complete;
    if (!launch && !launchGroup) return questionsAbout(complete);
    const tasks = launchGroup
      ? tasksOfGroup(launchGroup)
      : (launch?.taskInfos ?? []).map((task) => completeTask(task, info));
    return tasks.map((task) => mayRunTask(task, info));
  });
}

function roleOf(state: MasterState, { offerIds = [] }: scheduler.Call.Accept): string | undefined {
  for (const { value } of offerIds) {
    const offer = state.offers.get(value as OfferId);
    if (offer) return offer.role;
  }
  return undefined;
}
