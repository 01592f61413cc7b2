import type { ExecutorId, FrameworkId, Pid } from '@mesita/sdk/base';
import type { FrameworkInfo } from '@mesita/sdk/types';
import { type Context, type Handler, inform, warn } from '../context.ts';
import { forgetFrameworkIfIdle, forgetIfDone, shutdownExecutor } from '../executor-life.ts';
import { sendToExecutor } from '../executor-requests.ts';
import { isFromMaster } from '../from-master.ts';
import { agentIdOf } from '../run-ref.ts';
import type { Framework } from '../state.ts';
import { forwardAll } from '../status-updates/deliver.ts';

/** The pid of a driver-based scheduler; those on HTTP come with an empty one. */
export function pidOf(text: string | undefined): Pid | undefined {
  return text === undefined || text === '' || text.startsWith('@') ? undefined : (text as Pid);
}

export function keepFramework({ state, emit }: Context, framework: Framework): void {
  const { info, pid } = framework;
  if (!info.checkpoint) return;
  const record = { kind: 'framework', agentId: agentIdOf(state), info, pid } as const;
  emit({ type: 'checkpoint', records: [record] });
}

export const updateFramework: Handler<'UpdateFrameworkMessage'> = (context, event) => {
  const { state } = context;
  if (!isFromMaster(context, event)) return;
  const { frameworkId, frameworkInfo, pid } = event.message;
  if (state.life !== 'RUNNING') {
    state.counters.invalid_framework_messages++;
    return;
  }
  const framework = state.frameworks.get(frameworkId.value as FrameworkId);
  if (framework?.life !== 'RUNNING') return;
  inform(context, 'framework updated', { frameworkId: framework.id });
  if (frameworkInfo) framework.info = withId(frameworkInfo, framework);
  framework.pid = pidOf(pid);
  keepFramework(context, framework);
  // Its scheduler may be another one, that saw none of what waits.
  forwardAll(context);
};

function withId(info: FrameworkInfo, framework: Framework): FrameworkInfo {
  return info.id ? info : { ...info, id: { value: framework.id } };
}

export const frameworkShutdown: Handler<'ShutdownFrameworkMessage'> = (context, event) => {
  const { state } = context;
  if (!isFromMaster(context, event)) return;
  if (state.life === 'RECOVERING' || state.life === 'DISCONNECTED') {
    warn(context, 'ignoring shutdown of a framework before registration');
    return;
  }
  const framework = state.frameworks.get(event.message.frameworkId.value as FrameworkId);
  if (!framework) return;
  shutdownFramework(context, framework);
  forgetFrameworkIfIdle(context, framework);
};

export function shutdownFramework(context: Context, framework: Framework): void {
  if (framework.life === 'TERMINATING') return;
  inform(context, 'shutting down framework', { frameworkId: framework.id });
  framework.life = 'TERMINATING';
  for (const executor of [...framework.executors.values()]) {
    if (executor.life === 'REGISTERING' || executor.life === 'RUNNING') {
      shutdownExecutor(context, executor);
    } else if (executor.life === 'TERMINATED') {
      forgetIfDone(context, framework, executor);
    }
  }
}

export const executorShutdown: Handler<'ShutdownExecutorMessage'> = (context, event) => {
  const { state } = context;
  if (!isFromMaster(context, event)) return;
  if (state.life === 'RECOVERING' || state.life === 'DISCONNECTED') {
    warn(context, 'ignoring shutdown of an executor before registration');
    return;
  }
  const { frameworkId, executorId } = event.message;
  const framework = state.frameworks.get((frameworkId?.value ?? '') as FrameworkId);
  const executor = framework?.executors.get((executorId?.value ?? '') as ExecutorId);
  if (framework?.life !== 'RUNNING' || !executor) return;
  if (executor.life === 'REGISTERING' || executor.life === 'RUNNING') {
    shutdownExecutor(context, executor);
  }
};

/** A scheduler's message to one of its executors: best effort. */
export const frameworkToExecutor: Handler<'FrameworkToExecutorMessage'> = (context, event) => {
  const { state } = context;
  const { frameworkId, executorId, data } = event.message;
  const framework = state.frameworks.get(frameworkId.value as FrameworkId);
  const executor = framework?.executors.get(executorId.value as ExecutorId);
  const isHeard =
    state.life === 'RUNNING' && framework?.life === 'RUNNING' && executor?.life === 'RUNNING';
  if (!isHeard || !executor) {
    warn(context, 'dropping message to an executor that is not running');
    state.counters.invalid_framework_messages++;
    return;
  }
  sendToExecutor(context, executor, { type: 'MESSAGE', message: { data } });
  state.counters.valid_framework_messages++;
};
