import type { TaskState } from '@mesita/sdk/types';
import type { Agent } from '../../master/core/agent.ts';
import { holdsResources } from '../../master/core/task.ts';
import type { AgentProcess } from '../processes/agent.ts';
import type { Framework } from '../processes/framework.ts';
import { openTasks } from '../processes/framework-store.ts';
import type { MasterProcess } from '../processes/master.ts';
import type { TaskChecks } from './tasks.ts';

interface Cluster {
  readonly masters: readonly MasterProcess[];
  readonly master: MasterProcess | undefined;
  readonly agents: readonly AgentProcess[];
  readonly frameworks: readonly Framework[];
}

/** One thing that is not yet as it will be; `subjects` are whom it is about. */
export interface Difference {
  readonly text: string;
  readonly subjects: readonly string[];
}

/** Everybody believes the same, and it is true: what still differs, or undefined. */
export function findDifference(cluster: Cluster, tasks: TaskChecks): Difference | undefined {
  const { master, agents, frameworks } = cluster;
  if (!master) return difference('no master leads', 'master');
  for (const { id, state } of cluster.masters) {
    if (state.leader?.id !== master.id)
      return difference(`${id} does not know who leads`, 'master');
  }
  for (const agent of agents) {
    const found = compareAgent(agent, master);
    if (found) return found;
  }
  for (const framework of frameworks) {
    const found = compareFramework(framework, master, tasks);
    if (found) return found;
  }
  return findStray(master, tasks);
}

function difference(text: string, ...subjects: string[]): Difference {
  return { text, subjects };
}

function compareAgent(
  { name, state }: AgentProcess,
  master: MasterProcess,
): Difference | undefined {
  const id = state.info.id?.value;
  const known = master.state.agents.registered.get(id as Agent['id']);
  if (state.life !== 'RUNNING') return difference(`${name} is ${state.life}`, name);
  if (!known?.connected || !known.active) {
    return difference(`${name} is not registered with the master`, name, id ?? name);
  }
  const here = [...state.frameworks.values()].flatMap(({ executors }) =>
    [...executors.values()].flatMap(({ queuedTasks, launchedTasks }) => [
      ...queuedTasks.keys(),
      ...launchedTasks.keys(),
    ]),
  );
  const there = [...known.tasks.values()].flatMap((tasks) =>
    [...tasks.values()]
      .filter(({ task }) => holdsResources(task.state))
      .map(({ task }) => task.taskId.value),
  );
  return compareNames(`tasks of ${name}`, here, there) ?? compareExecutors(name, state, known);
}

function compareExecutors(
  name: string,
  state: AgentProcess['state'],
  known: Agent,
): Difference | undefined {
  const here = [...state.frameworks.values()].flatMap(({ executors }) =>
    [...executors.values()]
      .filter(({ kind, life }) => kind === 'CUSTOM' && life !== 'TERMINATED')
      .map(({ id }) => id as string),
  );
  const there = [...known.executors.values()].flatMap((byId) => [...byId.keys()]);
  return compareNames(`executors of ${name}`, here, there);
}

function compareNames(
  what: string,
  here: readonly string[],
  there: readonly string[],
): Difference | undefined {
  const surplus = here.find((id) => !there.includes(id));
  if (surplus !== undefined) return difference(`${what}: ${surplus} is not on the master`, surplus);
  const missing = there.find((id) => !here.includes(id));
  if (missing === undefined) return undefined;
  return difference(`${what}: ${missing} is only on the master`, missing);
}

function compareFramework(
  { name, store, isConnected }: Framework,
  master: MasterProcess,
  tasks: TaskChecks,
): Difference | undefined {
  const known = master.state.frameworks.registered.get(store.frameworkId as never);
  if (!isConnected || known?.connection.kind !== 'http') {
    return difference(`${name} is not subscribed`, name);
  }
  for (const { id, state, agentId } of openTasks(store)) {
    if (isBeyondReach(master, agentId, state)) continue;
    const isRunning = tasks.isRunning(known.id, id);
    if (state !== 'TASK_RUNNING' && state !== 'TASK_KILLING') {
      return difference(`${name} believes ${id} on ${agentId} to be ${state ?? 'asked for'}`, id);
    }
    if (!isRunning) return difference(`${name} believes that ${id} runs`, id);
  }
  return undefined;
}

/** True for as long as the registry remembers an agent that lost its name with its disk. */
export function isBeyondReach(
  { state }: MasterProcess,
  agentId: string,
  believed: TaskState | undefined,
): boolean {
  return believed === 'TASK_UNREACHABLE' && state.agents.unreachable.has(agentId as Agent['id']);
}

/** What runs, somebody knows of. */
function findStray({ state }: MasterProcess, { running }: TaskChecks): Difference | undefined {
  for (const [key, machine] of running) {
    const [frameworkId, taskId = ''] = key.split('/');
    const framework = state.frameworks.registered.get(frameworkId as never);
    if (framework?.tasks.has(taskId as never)) continue;
    return difference(`${taskId} runs on ${machine}, and the master does not know`, taskId);
  }
  return undefined;
}
