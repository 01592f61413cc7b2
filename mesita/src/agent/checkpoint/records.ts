import { frameRecord } from '../../storage/records.ts';
import { encode } from '../../wire/protobuf.ts';
import * as executorApi from '../../wire/schema/executor.ts';
import * as internal from '../../wire/schema/internal.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { withCheckpoint } from '../../wire/v0.ts';
import type { CheckpointRecord } from '../core/effects.ts';
import type { RunRef } from '../core/state.ts';
import type { FileChange } from './files.ts';
import {
  agentInfoPath,
  agentPath,
  drainConfigPath,
  frameworkInfoPath,
  frameworkPidPath,
  latestAgentPath,
  runPaths,
  taskPaths,
} from './paths.ts';

/** Stands for a scheduler without libprocess address: one that came over HTTP. */
const NO_PID = '@0.0.0.0:0';

/** Those that go through the journal. */
export type JournaledRecord = Exclude<CheckpointRecord, { readonly kind: 'agent' | 'resources' }>;

export function changesOf(meta: string, record: JournaledRecord): readonly FileChange[] {
  switch (record.kind) {
    case 'framework':
      return frameworkChanges(meta, record);
    case 'executor':
      return executorChanges(meta, record);
    case 'subscribed':
      return [marker(runPaths(meta, record.run).httpMarker)];
    case 'completed':
      return [marker(runPaths(meta, record.run).sentinel)];
    case 'task':
      return taskChanges(meta, record);
    case 'update': {
      const { updates } = taskPaths(runPaths(meta, record.run), record.taskId);
      const bytes = frameRecord(encode(internal.StatusUpdateRecord, record.record));
      return [{ kind: 'append', path: updates, bytes }];
    }
  }
}

type Of<Kind> = Extract<CheckpointRecord, { readonly kind: Kind }>;

/** In this order, for the link makes it an agent. */
export function agentChanges(
  meta: string,
  record: Of<'agent'>,
): readonly Exclude<FileChange, { readonly kind: 'append' }>[] {
  const { info } = record;
  const id = info.id?.value ?? '';
  const bytes = frameRecord(encode(mesos.AgentInfo, withCheckpoint(info)));
  return [
    { kind: 'replace', path: agentInfoPath(meta, id), bytes },
    drainChange(meta, record),
    { kind: 'link', path: latestAgentPath(meta), target: agentPath(meta, id) },
  ];
}

function frameworkChanges(
  meta: string,
  { agentId, info, pid }: Of<'framework'>,
): readonly FileChange[] {
  const id = info.id?.value ?? '';
  const bytes = frameRecord(encode(mesos.FrameworkInfo, info));
  return [
    { kind: 'replace', path: frameworkInfoPath(meta, agentId, id), bytes },
    { kind: 'replace', path: frameworkPidPath(meta, agentId, id), bytes: pid ?? NO_PID },
  ];
}

function drainChange(meta: string, { info, drain }: Of<'agent'>) {
  const path = drainConfigPath(meta, info.id?.value ?? '');
  if (!drain) return { kind: 'remove', path } as const;
  return { kind: 'replace', path, bytes: frameRecord(encode(mesos.DrainConfig, drain)) } as const;
}

function executorChanges(
  meta: string,
  { run, info, generated }: Of<'executor'>,
): readonly FileChange[] {
  const paths = runPaths(meta, run);
  const bytes = frameRecord(encode(mesos.ExecutorInfo, info));
  return [
    { kind: 'replace', path: paths.executorInfo, bytes },
    { kind: 'replace', path: paths.generated, bytes: generated ? '1' : '0' },
    { kind: 'directory', path: paths.directory },
    { kind: 'link', path: paths.latest, target: paths.directory },
  ];
}

function taskChanges(meta: string, { run, task, launch }: Of<'task'>): readonly FileChange[] {
  const paths = taskPaths(runPaths(meta, run), task.taskId.value);
  const changes: FileChange[] = [
    { kind: 'replace', path: paths.info, bytes: frameRecord(encode(mesos.Task, task)) },
  ];
  if (launch) {
    const bytes = frameRecord(encode(executorApi.Event, launch));
    changes.push({ kind: 'replace', path: paths.launch, bytes });
  }
  return changes;
}

function marker(path: string): FileChange {
  return { kind: 'replace', path, bytes: '' };
}

/** The files a run may append to lie below this path. */
export function runDirectory(meta: string, run: RunRef): string {
  return runPaths(meta, run).directory;
}
