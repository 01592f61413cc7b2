import type { Logger } from '@mesita/sdk/base';
import type { ExecutorInfo, FrameworkInfo, TaskInfo } from '@mesita/sdk/types';
import type { Hooks } from '../../hooks/hooks.ts';
import { executorKeys, frameworkEndKeys, killKeys, runKeys } from '../../hooks/lane-keys.ts';
import { createLanes, type LaneKeys } from '../../hooks/lanes.ts';
import type { AgentConfig } from '../core/config.ts';
import type { MessageEvent } from '../core/events.ts';
import { commandExecutorInfo } from '../core/executor-info.ts';
import type { AgentState } from '../core/state.ts';

interface Parts {
  readonly hooks: Hooks | undefined;
  readonly config: AgentConfig;
  readonly state: AgentState;
  readonly log: Logger;
  readonly post: (event: MessageEvent) => void;
}

/**
 * Has hooks decorate the labels of tasks on their way to the core. What follows about the same task,
 * executor or framework waits behind; all else passes.
 */
export function createRunTaskHooks(parts: Parts): (event: MessageEvent) => void {
  const { hooks, post, log } = parts;
  if (!hooks?.has('agentRunTaskLabelDecorator')) return post;
  const lanes = createLanes((error) => log.error('cannot run a decorated task', { error }));
  return (event) => {
    const keys = keysOf(event);
    if (!keys) post(event);
    else lanes.enter(keys, () => pass(event, hooks, parts));
  };
}

function pass(event: MessageEvent, hooks: Hooks, parts: Parts): void | Promise<void> {
  if (event.type !== 'RunTaskMessage' && event.type !== 'RunTaskGroupMessage') {
    parts.post(event);
    return undefined;
  }
  return decorate(event, hooks, parts).then(parts.post);
}

type RunEvent = Extract<MessageEvent, { type: 'RunTaskMessage' | 'RunTaskGroupMessage' }>;

async function decorate(
  event: RunEvent,
  hooks: Hooks,
  { config, state }: Parts,
): Promise<RunEvent> {
  const label = (task: TaskInfo, executor: ExecutorInfo, framework: FrameworkInfo) =>
    hooks.agentTaskLabels(task, executor, framework, state.info);
  if (event.type === 'RunTaskMessage') {
    const { framework, task } = event.message;
    const executor = task.executor ?? commandExecutorInfo(config, framework, task);
    return {
      ...event,
      message: { ...event.message, task: await label(task, executor, framework) },
    };
  }
  const { framework, executor, taskGroup } = event.message;
  const tasks = await Promise.all(
    (taskGroup.tasks ?? []).map((task) => label(task, executor, framework)),
  );
  return { ...event, message: { ...event.message, taskGroup: { ...taskGroup, tasks } } };
}

/** Undefined: it has nothing to do with tasks on their way. */
function keysOf(event: MessageEvent): LaneKeys | undefined {
  switch (event.type) {
    case 'RunTaskMessage': {
      const { framework, task } = event.message;
      const executor = (task.executor?.executorId ?? task.taskId).value;
      return runKeys(framework.id?.value, executor, [task.taskId.value]);
    }
    case 'RunTaskGroupMessage': {
      const { framework, executor, taskGroup } = event.message;
      const tasks = (taskGroup.tasks ?? []).map(({ taskId }) => taskId.value);
      return runKeys(framework.id?.value, executor.executorId.value, tasks);
    }
    case 'KillTaskMessage':
      return killKeys(event.message.frameworkId.value, event.message.taskId.value);
    case 'ShutdownExecutorMessage':
    case 'FrameworkToExecutorMessage': {
      const { frameworkId, executorId } = event.message;
      return executorKeys(frameworkId?.value, executorId?.value ?? '');
    }
    case 'ShutdownFrameworkMessage':
      return frameworkEndKeys(event.message.frameworkId.value);
    default:
      return undefined;
  }
}
