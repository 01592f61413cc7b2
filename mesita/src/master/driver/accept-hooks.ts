import type { AgentId, Logger, OfferId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Offer, scheduler, TaskInfo } from '@mesita/sdk/types';
import type { Hooks } from '../../hooks/hooks.ts';
import { frameworkEndKeys, killKeys, runKeys } from '../../hooks/lane-keys.ts';
import { createLanes, type LaneKeys } from '../../hooks/lanes.ts';
import type { DriverCall, MasterEvent, SchedulerCall } from '../core/events.ts';
import type { MasterState } from '../core/state.ts';

interface Parts {
  readonly hooks: Hooks | undefined;
  readonly state: MasterState;
  readonly log: Logger;
  readonly post: (event: MasterEvent) => void;
}

type CallEvent = SchedulerCall | DriverCall;

/**
 * Has hooks decorate the resources of tasks in accepted offers, before the core sees them. Kills of
 * these tasks and the end of their framework wait behind; all else passes.
 */
export function createAcceptHooks({
  hooks,
  state,
  log,
  post,
}: Parts): (event: MasterEvent) => void {
  if (!hooks?.has('masterLaunchTaskResourceDecorator')) return post;
  const lanes = createLanes((error) => log.error('cannot pass on a decorated call', { error }));
  return (event) => {
    const isCall = event.type === 'SchedulerCall' || event.type === 'DriverCall';
    const keys = isCall ? taskCallKeys(event.call) : undefined;
    if (!isCall || !keys) post(event);
    else {
      lanes.enter(keys, () => {
        if (event.call.type === 'ACCEPT') return decorate(event, hooks, state).then(post);
        return post(event);
      });
    }
  };
}

/** Undefined: it has nothing to do with tasks on their way. */
export function taskCallKeys({
  type,
  frameworkId,
  accept,
  kill,
}: scheduler.Call): LaneKeys | undefined {
  const framework = frameworkId?.value;
  if (type === 'ACCEPT') {
    const tasks = (accept?.operations ?? []).flatMap(tasksOf);
    if (tasks.length === 0) return undefined;
    const keys = tasks.map(({ taskId, executor }) =>
      runKeys(framework, (executor?.executorId ?? taskId).value, [taskId.value]),
    );
    return {
      after: keys.flatMap(({ after }) => after),
      holds: keys.flatMap(({ holds }) => holds),
    };
  }
  if (type === 'KILL') return killKeys(framework, kill?.taskId.value ?? '');
  return type === 'TEARDOWN' ? frameworkEndKeys(framework) : undefined;
}

function tasksOf({ launch, launchGroup }: Offer.Operation): readonly TaskInfo[] {
  const group = launchGroup?.taskGroup.tasks ?? [];
  return [
    ...(launch?.taskInfos ?? []),
    ...group.map((task) => ({ ...task, executor: launchGroup?.executor })),
  ];
}

async function decorate<Event extends CallEvent>(
  event: Event,
  hooks: Hooks,
  state: MasterState,
): Promise<Event> {
  const { accept } = event.call;
  if (!accept) return event;
  const total = agentTotal(state, accept);
  const decorateAll = (tasks: readonly TaskInfo[] = []) =>
    Promise.all(tasks.map((task) => hooks.taskResources(task, total)));
  const operations = await Promise.all(
    (accept.operations ?? []).map(async (operation): Promise<Offer.Operation> => {
      const { launch, launchGroup } = operation;
      if (launch) {
        return {
          ...operation,
          launch: { ...launch, taskInfos: await decorateAll(launch.taskInfos) },
        };
      }
      if (!launchGroup) return operation;
      const tasks = await decorateAll(launchGroup.taskGroup.tasks);
      const taskGroup = { ...launchGroup.taskGroup, tasks };
      return { ...operation, launchGroup: { ...launchGroup, taskGroup } };
    }),
  );
  return { ...event, call: { ...event.call, accept: { ...accept, operations } } };
}

/** Offers of one call are of one agent, or the core refuses the call. */
function agentTotal(state: MasterState, { offerIds }: scheduler.Call.Accept): Resources {
  const offer = state.offers.get(offerIds?.[0]?.value as OfferId);
  const agent = offer && state.agents.registered.get(offer.agentId as AgentId);
  return agent?.total ?? Resources.empty;
}
