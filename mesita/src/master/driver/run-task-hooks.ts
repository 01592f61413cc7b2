import type { Logger } from '@mesita/sdk/base';
import type { AgentInfo } from '@mesita/sdk/types';
import type { Hooks } from '../../hooks/hooks.ts';
import { executorKeys, frameworkEndKeys, killKeys, runKeys } from '../../hooks/lane-keys.ts';
import { createLanes, type LaneKeys } from '../../hooks/lanes.ts';
import type { MasterEffect } from '../core/effects.ts';
import type { PeerMessage } from '../core/messages.ts';
import type { MasterState } from '../core/state.ts';

type Send = Extract<MasterEffect, { readonly type: 'send' }>;

interface Parts {
  readonly hooks: Hooks | undefined;
  readonly state: MasterState;
  readonly log: Logger;
  readonly send: (effect: Send) => void;
}

/**
 * Has hooks decorate the labels of tasks on their way to their agent; the books keep the old ones.
 * What follows about the same task, executor or framework waits behind; all else passes.
 */
export function createRunTaskHooks({ hooks, state, log, send }: Parts): (effect: Send) => void {
  if (!hooks?.has('masterLaunchTaskLabelDecorator')) return send;
  const lanes = createLanes((error) => log.error('cannot send a decorated task', { error }));
  return (effect) => {
    const keys = keysOf(effect);
    if (!keys) return send(effect);
    lanes.enter(keys, () => {
      const agent = state.agents.byPid.get(effect.to)?.info;
      if (agent && isRun(effect.message)) {
        return decorate(effect.message, agent, hooks).then((message) =>
          send({ ...effect, message }),
        );
      }
      return send(effect);
    });
    return undefined;
  };
}

type Run = Extract<PeerMessage, { readonly name: 'RunTaskMessage' | 'RunTaskGroupMessage' }>;

function isRun(message: PeerMessage): message is Run {
  return message.name === 'RunTaskMessage' || message.name === 'RunTaskGroupMessage';
}

async function decorate(message: Run, agent: AgentInfo, hooks: Hooks): Promise<PeerMessage> {
  const { framework } = message.body;
  if (message.name === 'RunTaskMessage') {
    const task = await hooks.masterTaskLabels(message.body.task, framework, agent);
    return { name: message.name, body: { ...message.body, task } };
  }
  const { taskGroup } = message.body;
  const tasks = await Promise.all(
    (taskGroup.tasks ?? []).map((task) => hooks.masterTaskLabels(task, framework, agent)),
  );
  return { name: message.name, body: { ...message.body, taskGroup: { ...taskGroup, tasks } } };
}

/** Keys are of one agent: the end of a framework is told to each. */
function keysOf({ to, message }: Send): LaneKeys | undefined {
  const of = (id: { readonly value: string } | undefined) => `${to} ${id?.value}`;
  switch (message.name) {
    case 'RunTaskMessage': {
      const { framework, task } = message.body;
      const executor = (task.executor?.executorId ?? task.taskId).value;
      return runKeys(of(framework.id), executor, [task.taskId.value]);
    }
    case 'RunTaskGroupMessage': {
      const { framework, executor, taskGroup } = message.body;
      const tasks = (taskGroup.tasks ?? []).map(({ taskId }) => taskId.value);
      return runKeys(of(framework.id), executor.executorId.value, tasks);
    }
    case 'KillTaskMessage':
      return killKeys(of(message.body.frameworkId), message.body.taskId.value);
    case 'ShutdownExecutorMessage':
      return executorKeys(of(message.body.frameworkId), message.body.executorId?.value ?? '');
    case 'FrameworkToExecutorMessage':
      return executorKeys(of(message.body.frameworkId), message.body.executorId.value);
    case 'ShutdownFrameworkMessage':
      return frameworkEndKeys(of(message.body.frameworkId));
    default:
      return undefined;
  }
}
