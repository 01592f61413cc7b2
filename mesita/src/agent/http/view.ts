// The agent's books as one client may see them.
import type { View } from '../../net/view.ts';
import type { AgentState, Executor, Framework } from '../core/state.ts';

export type SeenState = Pick<AgentState, 'frameworks' | 'completedFrameworks'>;

/** Without what is hidden from the client. What is computed of all must not be computed of this. */
export function seenBy(state: AgentState, view: View): SeenState {
  const seen = (frameworks: Iterable<Framework>) =>
    [...frameworks].filter(view.showsFramework).map((framework) => seenFramework(framework, view));
  return {
    frameworks: new Map(seen(state.frameworks.values()).map((f) => [f.id, f])),
    completedFrameworks: seen(state.completedFrameworks),
  };
}

function seenFramework(framework: Framework, view: View): Framework {
  const seen = (executors: Iterable<Executor>) =>
    [...executors]
      .filter(({ info }) => view.showsExecutor(info, framework.info))
      .map((executor) => seenExecutor(executor, framework, view));
  return {
    ...framework,
    executors: new Map(seen(framework.executors.values()).map((e) => [e.id, e])),
    completedExecutors: seen(framework.completedExecutors),
  };
}

function seenExecutor(executor: Executor, { info }: Framework, view: View): Executor {
  const tasks = (map: Executor['launchedTasks']) =>
    new Map([...map].filter(([, task]) => view.showsTask(task, info)));
  return {
    ...executor,
    queuedTasks: new Map(
      [...executor.queuedTasks].filter(([, task]) => view.showsTaskInfo(task, info)),
    ),
    launchedTasks: tasks(executor.launchedTasks),
    terminatedTasks: tasks(executor.terminatedTasks),
    completedTasks: executor.completedTasks.filter((task) => view.showsTask(task, info)),
  };
}
