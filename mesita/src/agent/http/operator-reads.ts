// The agent API's GET_ calls, as messages.
import { Resources } from '@mesita/sdk/resources';
import type { Task, TaskInfo } from '@mesita/sdk/types';
import type { Response } from '@mesita/sdk/types/agent';
import type { AgentState, Executor, Framework } from '../core/state.ts';
import type { SeenState } from './view.ts';

export function getFrameworks(state: SeenState): Response.GetFrameworks {
  return {
    frameworks: [...state.frameworks.values()].map((f) => ({ frameworkInfo: f.info })),
    completedFrameworks: state.completedFrameworks.map((f) => ({ frameworkInfo: f.info })),
  };
}

export function getExecutors(state: SeenState): Response.GetExecutors {
  const live = [...state.frameworks.values()];
  const completed = [...live, ...state.completedFrameworks].flatMap((f) => f.completedExecutors);
  return {
    executors: live.flatMap((f) => [...f.executors.values()]).map(executorMessage),
    completedExecutors: completed.map(executorMessage),
  };
}

const executorMessage = (executor: Executor) => ({ executorInfo: executor.info });

export function getTasks(state: SeenState): Response.GetTasks {
  const all = [...state.frameworks.values(), ...state.completedFrameworks].flatMap(runsOf);
  return {
    queuedTasks: all.flatMap(({ framework, executor }) =>
      [...executor.queuedTasks.values()].map((t) => queuedTask(t, framework)),
    ),
    launchedTasks: all.flatMap(({ executor }) => [...executor.launchedTasks.values()]),
    terminatedTasks: all.flatMap(({ executor }) => [...executor.terminatedTasks.values()]),
    completedTasks: all.flatMap(({ executor }) => executor.completedTasks),
  };
}

function runsOf(framework: Framework): { framework: Framework; executor: Executor }[] {
  return [...framework.executors.values(), ...framework.completedExecutors].map((executor) => ({
    framework,
    executor,
  }));
}

function queuedTask(info: TaskInfo, framework: Framework): Task {
  return {
    name: info.name,
    taskId: info.taskId,
    frameworkId: { value: framework.id },
    executorId: info.executor?.executorId,
    agentId: info.agentId,
    state: 'TASK_STAGING',
    resources: info.resources,
    labels: info.labels,
    discovery: info.discovery,
    container: info.container,
    user: info.command?.user,
  };
}

export function getAgent(state: AgentState): Response.GetAgent {
  const { info, drain } = state;
  return {
    agentInfo: { ...info, resources: Resources.of(info.resources ?? []).toMessages('post') },
    drainConfig: drain?.config,
    estimatedDrainStartTime: drain && {
      nanoseconds: BigInt(Math.round(drain.startedAt * 1000)) * 1000n,
    },
  };
}

export function getState(state: SeenState): Response.GetState {
  return {
    getTasks: getTasks(state),
    getExecutors: getExecutors(state),
    getFrameworks: getFrameworks(state),
  };
}
