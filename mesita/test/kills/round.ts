// One round: an agent that will die at one point, tasks, a new agent, and what must be true then.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, type Daemon, waitFor } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';
import type { KillPoint } from './points.ts';
import { remainsOf } from './remains.ts';
import { linesOf, operationsOf, planTasks, type Task } from './tasks.ts';

export interface World {
  readonly cluster: Cluster;
  readonly master: Daemon;
  readonly port: number;
  readonly launcher: 'posix' | 'linux';
  readonly cgroups: string;
}

export interface Round {
  readonly number: number;
  readonly point: KillPoint;
  /** The how-manieth time it is passed. */
  readonly passage: number;
  readonly containers: number;
}

export interface Outcome {
  /** The agent came by the point and died there. */
  readonly died: boolean;
  readonly problems: readonly string[];
}

const terminal = /^TASK_(FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE|GONE_BY_OPERATOR)$/;
/** Long after the last of it should have happened. */
const patienceMs = 60_000;
/** An agent that was not killed by then did not come by. */
const meetsMs = 15_000;
/** After the last end: what follows its acknowledgement. */
const restMs = 500;

export async function playRound(world: World, round: Round): Promise<Outcome> {
  const { cluster, master } = world;
  const folder = join(cluster.folder, `round-${round.number}`);
  mkdirSync(folder, { mode: 0o777 });
  const framework = await subscribe(master.port);
  const doomed = await startDoomed(world, round);
  let { agent } = doomed;
  try {
    const tasks = await launch(framework, round, folder);
    const isOver = (task: Task) => framework.states(task.id).some((state) => terminal.test(state));
    const life = watch(agent);
    // The ends of tasks are part of what it may die in, so they begin with it still alive.
    await until(
      meetsMs,
      () => life.died || tasks.every((task) => linesOf(task, folder).length > 0),
    );
    const nag = setInterval(() => killThose(framework, tasks, isOver), 300);
    try {
      writeFileSync(join(folder, 'go'), '');
      await until(meetsMs, () => life.died || tasks.every(isOver));
      await until(restMs, () => life.died);
      const died = await settle(life, agent);
      agent = await startAgent(world);
      const problems = await judge({ world, framework, tasks, folder, agent, isOver });
      return { died: died || doomed.died, problems };
    } finally {
      clearInterval(nag);
    }
  } finally {
    await framework.call({ type: 'TEARDOWN' }).catch(() => {});
    framework.close();
    await agent.kill('SIGKILL');
  }
}

/** It may die before it is registered: then the tasks get one that lives. */
async function startDoomed(world: World, round: Round): Promise<{ agent: Daemon; died: boolean }> {
  try {
    return { agent: await startAgent(world, round), died: false };
  } catch {
    return { agent: await startAgent(world), died: true };
  }
}

function startAgent({ cluster, master, port, launcher, cgroups }: World, round?: Round) {
  const kill = round && { MESITA_KILL_AT: `${round.point.name}#${round.passage}` };
  const groups = [`--cgroups_root=${cgroups}`, '--isolation=cgroups/cpu,cgroups/mem'];
  return cluster.startAgent(
    { master, port, resources: 'cpus:4;mem:8192;disk:1024', ...(kill && { env: kill }) },
    '--gc_delay=2secs',
    '--executor_reregistration_timeout=10secs',
    `--launcher=${launcher}`,
    ...(launcher === 'linux' ? groups : []),
  );
}

async function launch(framework: Framework, round: Round, folder: string): Promise<Task[]> {
  const tasks = planTasks(String(round.number), round.containers, round.point.life);
  const offer = await framework.offer(undefined, 2);
  const target = { agent_id: offer.agent_id, framework: framework.id, folder };
  const operations = operationsOf(tasks, target);
  const accept = { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } };
  await framework.call({ type: 'ACCEPT', accept });
  return tasks;
}

/** A kill may die with the agent: it is for the scheduler to repeat it. */
function killThose(framework: Framework, tasks: readonly Task[], isOver: (t: Task) => boolean) {
  for (const task of tasks) {
    const runs = framework.states(task.id).includes('TASK_RUNNING');
    if (task.kind !== 'killed' || !runs || isOver(task)) continue;
    void framework.call({ type: 'KILL', kill: { task_id: { value: task.id } } }).catch(() => {});
  }
}

function watch(agent: Daemon): { died: boolean } {
  const life = { died: false };
  void agent.exited.then(() => {
    life.died = true;
  });
  return life;
}

/** Answers whether it died where it should; ends it otherwise. */
async function settle(life: { readonly died: boolean }, agent: Daemon): Promise<boolean> {
  if (life.died) return true;
  await agent.kill('SIGKILL');
  return false;
}

interface Scene {
  readonly world: World;
  readonly framework: Framework;
  readonly tasks: readonly Task[];
  readonly folder: string;
  readonly agent: Daemon;
  readonly isOver: (task: Task) => boolean;
}

async function judge(scene: Scene): Promise<string[]> {
  const { world, tasks, agent, isOver } = scene;
  await until(patienceMs, () => tasks.every(isOver));
  const problems = tasks.flatMap((task) => judgeTask(scene, task));
  const daemons = new Set([agent, world.master].flatMap(({ process: { pid } }) => pid ?? []));
  const cgroups = world.launcher === 'linux' ? world.cgroups : undefined;
  const remains = () => remainsOf(join(world.cluster.folder, 'agent'), daemons, cgroups);
  await until(10_000, () => remains().length === 0);
  return [...problems, ...remains()];
}

function judgeTask({ framework, folder }: Scene, task: Task): string[] {
  const states = framework.states(task.id);
  const lines = linesOf(task, folder);
  const end = states.find((state) => terminal.test(state));
  const last = framework.statuses(task.id).find(({ state }) => state === end);
  const story = `${task.kind} ${task.id}: ${states.join(' ')} (${last?.reason} ${last?.message}), did '${lines.join(' ')}'`;
  if (end === undefined) return [`no end of ${story}`];
  if (new Set(states.filter((state) => terminal.test(state))).size > 1)
    return [`two ends of ${story}`];
  if (lines.filter((line) => line === 'run').length > 1) return [`double run of ${story}`];
  if (lines.includes('end')) {
    const truth = task.exitStatus === 0 ? 'TASK_FINISHED' : 'TASK_FAILED';
    const told = last?.message?.includes(`exited with status ${task.exitStatus}`) ?? false;
    // One of a pod may be killed for another's sake just when it ends.
    const isTrue = end === truth || (task.kind === 'pod' && end === 'TASK_KILLED');
    return isTrue && told ? [] : [`untrue end of ${story}`];
  }
  if (end === 'TASK_FINISHED') return [`untrue end of ${story}`];
  if (lines.includes('run') && task.kind !== 'killed') return [`needless end of ${story}`];
  if (lines.includes('run') && end !== 'TASK_KILLED') return [`untrue end of ${story}`];
  return [];
}

/** Until it holds, or the time is over. */
async function until(timeoutMs: number, holds: () => boolean): Promise<void> {
  await waitFor('it', holds, undefined, timeoutMs).catch(() => {});
}
