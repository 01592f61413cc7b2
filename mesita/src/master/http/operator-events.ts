import type { Event, Response } from '@mesita/sdk/types/master';
import type { View } from '../../net/view.ts';
import { type Framework, isConnected } from '../core/framework.ts';
import type { OperatorEvent } from '../core/operator-event.ts';
import { agentMessage, timeInfo } from './operator-reads.ts';

/** What a subscriber is told of an event; undefined: it may not see what it is about. */
export function eventMessage(event: OperatorEvent, view: View): Event | undefined {
  switch (event.type) {
    case 'TASK_ADDED': {
      const { task, framework } = event;
      if (!view.showsTask(task, framework)) return undefined;
      return { type: 'TASK_ADDED', taskAdded: { task } };
    }
    case 'TASK_UPDATED': {
      const { task, status, framework } = event;
      if (!view.showsTask(task, framework)) return undefined;
      const { frameworkId, state } = task;
      return { type: 'TASK_UPDATED', taskUpdated: { frameworkId, status, state } };
    }
    case 'AGENT_ADDED':
      return { type: 'AGENT_ADDED', agentAdded: { agent: agentMessage(event.agent, view) } };
    case 'AGENT_REMOVED':
      return { type: 'AGENT_REMOVED', agentRemoved: { agentId: { value: event.agentId } } };
    case 'FRAMEWORK_ADDED':
    case 'FRAMEWORK_UPDATED': {
      if (!view.showsFramework(event.framework)) return undefined;
      const framework = frameworkMessage(event.framework);
      return event.type === 'FRAMEWORK_ADDED'
        ? { type: event.type, frameworkAdded: { framework } }
        : { type: event.type, frameworkUpdated: { framework } };
    }
    case 'FRAMEWORK_REMOVED': {
      const { info: frameworkInfo } = event;
      if (!view.showsFramework(event)) return undefined;
      return { type: 'FRAMEWORK_REMOVED', frameworkRemoved: { frameworkInfo } };
    }
  }
}

/** Only what the event is about, with zeros for what has not been, as in Mesos. */
function frameworkMessage(framework: Framework): Response.GetFrameworks.Framework {
  const { info, active, recovered, registeredAt, reregisteredAt, unregisteredAt } = framework;
  return {
    frameworkInfo: info,
    active,
    connected: isConnected(framework),
    recovered,
    registeredTime: timeInfo(recovered ? 0 : registeredAt),
    reregisteredTime: timeInfo(recovered ? 0 : reregisteredAt),
    unregisteredTime: timeInfo(unregisteredAt ?? 0),
  };
}
