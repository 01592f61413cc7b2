import type { scheduler } from '@mesita/sdk/types';
import type { Received } from '../../wire/messages.ts';

/** What older scheduler drivers say in messages of their own, each of which is a call by now. */
export function fromOldMessage(
  received: Received<'master'>,
): { readonly call: scheduler.Call; readonly force?: boolean } | undefined {
  switch (received.name) {
    case 'mesos.internal.RegisterFrameworkMessage':
      return { call: subscription(received.message.framework) };
    case 'mesos.internal.ReregisterFrameworkMessage': {
      const { framework, failover } = received.message;
      return { call: { frameworkId: framework.id, ...subscription(framework) }, force: failover };
    }
    case 'mesos.internal.UnregisterFrameworkMessage':
      return { call: { type: 'TEARDOWN', frameworkId: received.message.frameworkId } };
    case 'mesos.internal.ResourceRequestMessage': {
      const { frameworkId, requests } = received.message;
      return { call: { type: 'REQUEST', frameworkId, request: { requests } } };
    }
    case 'mesos.internal.LaunchTasksMessage': {
      const { frameworkId, tasks: taskInfos, filters, offerIds } = received.message;
      const operations = [{ type: 'LAUNCH', launch: { taskInfos } }] as const;
      return { call: { type: 'ACCEPT', frameworkId, accept: { offerIds, operations, filters } } };
    }
    case 'mesos.internal.KillTaskMessage': {
      const { frameworkId, taskId } = received.message;
      return { call: { type: 'KILL', frameworkId, kill: { taskId } } };
    }
    case 'mesos.internal.ReviveOffersMessage': {
      const { frameworkId, roles } = received.message;
      return { call: { type: 'REVIVE', frameworkId, revive: { roles } } };
    }
    case 'mesos.internal.ReconcileTasksMessage': {
      const { frameworkId, statuses } = received.message;
      return { call: { type: 'RECONCILE', frameworkId, reconcile: { tasks: statuses } } };
    }
    case 'mesos.internal.StatusUpdateAcknowledgementMessage': {
      const { frameworkId, agentId, taskId, uuid } = received.message;
      return {
        call: { type: 'ACKNOWLEDGE', frameworkId, acknowledge: { agentId, taskId, uuid } },
      };
    }
    case 'mesos.internal.FrameworkToExecutorMessage': {
      const { frameworkId, agentId, executorId, data } = received.message;
      return { call: { type: 'MESSAGE', frameworkId, message: { agentId, executorId, data } } };
    }
    default:
      return undefined;
  }
}

function subscription(frameworkInfo: scheduler.Call.Subscribe['frameworkInfo']): scheduler.Call {
  return { type: 'SUBSCRIBE', subscribe: { frameworkInfo } };
}
