import { frameRecord } from '../../storage/records.ts';
import { encode } from '../../wire/protobuf.ts';
import * as executorApi from '../../wire/schema/executor.ts';
import * as internal from '../../wire/schema/internal.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { withCheckpoint } from '../../wire/v0.ts';
import type { CheckpointRecord, ResourceRecord } from '../core/effects.ts';
import type { RunRef } from '../core/state.ts';
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
import { resourcesPath } from './resources.ts';

/** What one record does to the disk. */
export type FileChange =
  | { readonly kind: 'replace'; readonly path: string; readonly bytes: string | Uint8Array }
  | { readonly kind: 'append'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'resources'; readonly path: string; readonly record: ResourceRecord };

/** Stands for a scheduler without libprocess address: one that came over HTTP. */
const NO_PID = '@0.0.0.0:0';

export function changesOf(meta: string, record: CheckpointRecord): readonly FileChange[] {
  switch (record.kind) {
    case 'agent':
      return agentChanges(meta, record);
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
    case 'resources':
      return [{ kind: 'resources', path: resourcesPath(meta), record }];
  }
}

type Of<Kind> = Extract<CheckpointRecord, { readonly kind: Kind }>;

function agentChanges(meta: string, record: Of<'agent'>): readonly FileChange[] {
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

function drainChange(meta: string, { info, drain }: Of<'agent'>): FileChange {
  const path = drainConfigPath(meta, info.id?.value ?? '');
  if (!drain) return { kind: 'remove', path };
  return { kind: 'replace', path, bytes: frameRecord(encode(mesos.DrainConfig, drain)) };
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
