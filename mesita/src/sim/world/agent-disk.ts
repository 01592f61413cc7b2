import type { Clock, ContainerIdText, ExecutorId, FrameworkId, TaskId } from '@mesita/sdk/base';
import type { CheckpointRecord } from '../../agent/core/effects.ts';
import type {
  RecoveredAgent,
  RecoveredExecutor,
  RecoveredFramework,
  RecoveredRun,
  RecoveredTask,
} from '../../agent/core/recovered.ts';
import type { RunRef } from '../../agent/core/state.ts';
import type { MessageSchema } from '../../wire/descriptor.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import * as executorApi from '../../wire/schema/executor.ts';
import * as internal from '../../wire/schema/internal.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import type { StatusUpdate } from '../../wire/types/internal.ts';
import { uuidText } from '../../wire/uuid.ts';
import type { SeededRandom } from './random.ts';

type Of<Kind> = Extract<CheckpointRecord, { readonly kind: Kind }>;

/** Records in the order of their writing. Of those not yet called durable a crash keeps any prefix. */
export interface AgentDisk {
  write(life: Clock, records: readonly CheckpointRecord[], onDurable: () => void): void;
  /** Outside of the queue, as launchers and executors write them. */
  noteForked(container: string, pid: number): void;
  readonly notes: Map<string, string>;
  /** The agent died. */
  crash(): void;
  /** What the next one finds; after a boot no process is what it was. */
  recover(rebooted: boolean): RecoveredAgent | undefined;
}

export function createAgentDisk(random: SeededRandom): AgentDisk {
  let written: CheckpointRecord[] = [];
  let durable = 0;
  let lastAt = 0;
  const forked = new Map<string, number>();
  const notes = new Map<string, string>();
  return {
    notes,
    write(life, records, onDurable) {
      written.push(...records);
      const end = written.length;
      lastAt = Math.max(lastAt, life.now() + random.between(0.5, random.chance(0.005) ? 2000 : 8));
      life.setTimer(lastAt - life.now(), () => {
        durable = end;
        onDurable();
      });
    },
    noteForked: (container, pid) => void forked.set(container, pid),
    crash() {
      written = written.slice(0, durable + random.index(written.length - durable + 1));
      durable = written.length;
    },
    recover(rebooted) {
      const { agent, kept } = replay(written);
      written = kept;
      durable = kept.length;
      return agent && assemble(agent, kept, rebooted ? new Map() : forked);
    },
  };
}

/** Ended runs that wait for their collection. */
const MAX_ENDED_RUNS = 5;

/** The newest agent, and the records that belong to it. */
function replay(written: readonly CheckpointRecord[]) {
  const agent = written.findLast((record): record is Of<'agent'> => record.kind === 'agent');
  const id = agent?.info.id?.value;
  const resources = written.findLast((record) => record.kind === 'resources');
  const ended = written.flatMap((record) =>
    record.kind === 'completed' ? [record.run.container] : [],
  );
  const collected = new Set(ended.slice(0, -MAX_ENDED_RUNS));
  const kept = written.filter((record) => {
    if (record.kind === 'agent') return record === agent;
    if (record.kind === 'resources') return record === resources;
    if (record.kind === 'framework') return record.agentId === id;
    return record.run.agentId === id && !collected.has(record.run.container);
  });
  return { agent, kept };
}

interface Run {
  readonly record: Of<'executor'>;
  isCompleted: boolean;
  isSubscribed: boolean;
  readonly tasks: Map<
    string,
    { record: Of<'task'>; updates: StatusUpdate[]; acknowledged: string[] }
  >;
}

function assemble(
  agent: Of<'agent'>,
  records: readonly CheckpointRecord[],
  forked: ReadonlyMap<string, number>,
): RecoveredAgent {
  const frameworks = new Map<string, Of<'framework'>>();
  const runs = new Map<string, Run>();
  for (const record of records) {
    if (record.kind === 'framework') frameworks.set(record.info.id?.value ?? '', record);
    else if (record.kind !== 'agent' && record.kind !== 'resources') addToRun(runs, record);
  }
  return {
    info: reread(mesos.AgentInfo, agent.info),
    frameworks: [...frameworks.values()].map((record) => frameworkOf(record, runs, forked)),
    errors: [],
  };
}

function addToRun(
  runs: Map<string, Run>,
  record: Exclude<CheckpointRecord, Of<'agent' | 'framework' | 'resources'>>,
) {
  if (record.kind === 'executor') {
    const fresh = { record, isCompleted: false, isSubscribed: false, tasks: new Map() };
    runs.set(record.run.container, fresh);
    return;
  }
  const run = runs.get(record.run.container);
  if (!run) throw new Error(`${record.kind} kept of a run that was not`);
  if (record.kind === 'completed') run.isCompleted = true;
  else if (record.kind === 'subscribed') run.isSubscribed = true;
  else if (record.kind === 'task') {
    run.tasks.set(record.task.taskId.value, { record, updates: [], acknowledged: [] });
  } else {
    const task = run.tasks.get(record.taskId);
    const { type, update, uuid } = record.record;
    if (!task) throw new Error(`update kept of task ${record.taskId} that was not`);
    if (type === 'UPDATE' && update) task.updates.push(reread(internal.StatusUpdate, update));
    else if (uuid) task.acknowledged.push(uuidText(uuid));
  }
}

function frameworkOf(
  { info, pid }: Of<'framework'>,
  runs: ReadonlyMap<string, Run>,
  forked: ReadonlyMap<string, number>,
): RecoveredFramework {
  const id = (info.id?.value ?? '') as FrameworkId;
  const executors = new Map<ExecutorId, Run[]>();
  for (const run of runs.values()) {
    const { frameworkId, executorId } = run.record.run;
    if (frameworkId === id) executors.set(executorId, [...(executors.get(executorId) ?? []), run]);
  }
  return {
    id,
    info: reread(mesos.FrameworkInfo, info),
    pid,
    executors: [...executors].map(([name, all]) => executorOf(name, all, forked)),
  };
}

function executorOf(
  id: ExecutorId,
  all: readonly Run[],
  forked: ReadonlyMap<string, number>,
): RecoveredExecutor {
  const latest = all.at(-1) as Run;
  return {
    id,
    info: reread(mesos.ExecutorInfo, latest.record.info),
    generated: latest.record.generated,
    run: runOf(latest, latest.record.run, forked),
    olderRuns: all.slice(0, -1).map(({ record }) => record.run.container),
  };
}

function runOf(
  run: Run,
  { container }: RunRef,
  forked: ReadonlyMap<ContainerIdText | string, number>,
): RecoveredRun {
  return {
    container,
    completed: run.isCompleted,
    forkedPid: forked.get(container),
    http: run.isSubscribed,
    tasks: [...run.tasks].map(([id, task]): RecoveredTask => {
      const { launch } = task.record;
      return {
        id: id as TaskId,
        task: reread(mesos.Task, task.record.task),
        launch: launch && reread(executorApi.Event, launch),
        updates: task.updates,
        acknowledged: task.acknowledged,
      };
    }),
  };
}

/** As a file gives it back. */
function reread<T>(schema: MessageSchema<T>, message: T): T {
  return decode(schema, encode(schema, message));
}
