import type { ContainerIdText, ExecutorId, FrameworkId, TaskId } from '@mesita/sdk/base';
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
import { pointNamed } from './fault-points.ts';
import type { Life } from './life.ts';
import type { SeededRandom } from './random.ts';
import type { SimulatedWorld } from './world.ts';

type Of<Kind> = Extract<CheckpointRecord, { readonly kind: Kind }>;

/** Who writes. */
interface Writer {
  readonly world: Pick<SimulatedWorld, 'faults' | 'sabotage'>;
  readonly host: string;
  readonly life: Life;
}

/**
 * Written in batches, one after another, each to several files at once. Of a batch that an end
 * interrupts, any beginning of each file is left; of those that wait, nothing.
 */
export interface AgentDisk {
  write(writer: Writer, records: readonly CheckpointRecord[], onDurable: () => void): void;
  /** Outside of the queue, as launchers and executors write them. */
  noteForked(container: string, pid: number): void;
  readonly notes: Map<string, string>;
  /** The agent died. */
  crash(): void;
  /** What the next one finds; after a boot no process is what it was. */
  recover(rebooted: boolean): RecoveredAgent | undefined;
}

interface Request {
  readonly records: readonly CheckpointRecord[];
  readonly onDurable: () => void;
}

export function createAgentDisk(random: SeededRandom): AgentDisk {
  let written: CheckpointRecord[] = [];
  let writing: readonly CheckpointRecord[] | undefined;
  let waiting: Request[] = [];
  const forked = new Map<string, number>();
  const notes = new Map<string, string>();

  /** A writer that freezes on its way goes on later, one that ends does not. */
  function pass(writer: Writer, batch: readonly Request[], moment: Moment, next: () => void): void {
    const { world, host, life } = writer;
    for (const { records } of batch) {
      for (const record of records) world.faults.at(pointOf(record, moment), host);
    }
    life.enter(next);
  }

  function start(writer: Writer): void {
    if (writing || waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    writing = [];
    pass(writer, batch, 'before', () => {
      const records = batch.flatMap((request) => request.records);
      writing = records;
      const syncMs = random.between(0.5, random.chance(0.005) ? 2000 : 8);
      writer.life.setTimer(syncMs, () =>
        pass(writer, batch, 'unsynced', () => {
          written.push(...records.filter((record) => !isForgotten(writer, record)));
          writing = undefined;
          pass(writer, batch, 'durable', () => {
            for (const { onDurable } of batch) onDurable();
          });
          start(writer);
        }),
      );
    });
  }

  return {
    notes,
    write(writer, records, onDurable) {
      waiting.push({ records, onDurable });
      start(writer);
    },
    noteForked: (container, pid) => void forked.set(container, pid),
    crash() {
      written.push(...leftOf(writing ?? [], random));
      writing = undefined;
      waiting = [];
    },
    recover(rebooted) {
      const { agent, kept } = replay(written);
      written = kept;
      return agent && assemble(agent, kept, rebooted ? new Map() : forked);
    },
  };
}

function isForgotten({ world }: Writer, record: CheckpointRecord): boolean {
  if (world.sabotage !== 'update-unwritten') return false;
  return record.kind === 'update' && record.record.type === 'UPDATE';
}

type Moment = 'before' | 'unsynced' | 'durable';

function pointOf(record: CheckpointRecord, moment: Moment) {
  const isAnswer = record.kind === 'update' && record.record.type === 'ACK';
  return pointNamed(`checkpoint.${isAnswer ? 'acknowledgement' : record.kind}.${moment}`);
}

/** Any beginning of each file. */
function leftOf(records: readonly CheckpointRecord[], random: SeededRandom): CheckpointRecord[] {
  const cut = new Set<string>();
  return records.filter((record) => {
    const file = fileOf(record);
    if (random.chance(0.5)) cut.add(file);
    return !cut.has(file);
  });
}

function fileOf(record: CheckpointRecord): string {
  if (record.kind === 'agent' || record.kind === 'resources') return record.kind;
  if (record.kind === 'framework') return `framework ${record.info.id?.value}`;
  const task =
    record.kind === 'update'
      ? record.taskId
      : record.kind === 'task'
        ? record.task.taskId.value
        : '';
  return `${record.kind} ${record.run.container} ${task}`;
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
  // What lies below a framework that was not written is removed.
  const frameworks = new Set(
    written.flatMap((record) => (record.kind === 'framework' ? [record.info.id?.value] : [])),
  );
  const kept = written.filter((record) => {
    if (record.kind === 'agent') return record === agent;
    if (record.kind === 'resources') return record === resources;
    if (record.kind === 'framework') return record.agentId === id;
    if (!frameworks.has(record.run.frameworkId)) return false;
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
  // Left of a run whose own file is lost: nobody was told of it.
  if (!run) return;
  if (record.kind === 'completed') run.isCompleted = true;
  else if (record.kind === 'subscribed') run.isSubscribed = true;
  else if (record.kind === 'task') {
    run.tasks.set(record.task.taskId.value, { record, updates: [], acknowledged: [] });
  } else {
    const task = run.tasks.get(record.taskId);
    const { type, update, uuid } = record.record;
    if (!task) return;
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
