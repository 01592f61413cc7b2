import { readdir, readFile, realpath, rm, truncate } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ContainerIdText, ExecutorId, FrameworkId, Pid, TaskId } from '@mesita/sdk/base';
import { readCheckpoint } from '../../storage/checkpoint.ts';
import { parseRecords } from '../../storage/records.ts';
import type { MessageSchema } from '../../wire/descriptor.ts';
import { decode } from '../../wire/protobuf.ts';
import * as executorApi from '../../wire/schema/executor.ts';
import * as internal from '../../wire/schema/internal.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { uuidText } from '../../wire/uuid.ts';
import type {
  RecoveredAgent,
  RecoveredExecutor,
  RecoveredFramework,
  RecoveredRun,
  RecoveredTask,
} from '../core/recovered.ts';
import type { RunRef } from '../core/state.ts';
import {
  agentInfoPath,
  drainConfigPath,
  executorsPath,
  frameworkInfoPath,
  frameworkPidPath,
  frameworksPath,
  latestAgentPath,
  metaPath,
  type RunPaths,
  runPaths,
  taskPaths,
} from './paths.ts';

interface RecoverOptions {
  readonly workDir: string;
  /** `--strict`: what cannot be read is an error; otherwise it is passed over and counted. */
  readonly strict: boolean;
  /** The machine booted since: pids on the disk mean nothing any more. */
  readonly rebooted: boolean;
}

interface Reader {
  readonly meta: string;
  readonly strict: boolean;
  readonly rebooted: boolean;
  readonly errors: string[];
}

/** Reads back what an agent left; undefined when there was none. Throws the reason it cannot. */
export async function recoverCheckpoints(
  options: RecoverOptions,
): Promise<RecoveredAgent | undefined> {
  const reader: Reader = { ...options, meta: metaPath(options.workDir), errors: [] };
  const agentId = await readLatest(latestAgentPath(reader.meta));
  if (agentId === undefined) return undefined;
  const path = agentInfoPath(reader.meta, agentId);
  const info = await readMessage(reader, 'agent info', path, mesos.AgentInfo);
  // The agent died between making its directory and writing the file: it never was one.
  if (!info) return undefined;
  const frameworks: RecoveredFramework[] = [];
  for (const id of await list(frameworksPath(reader.meta, agentId))) {
    const framework = await readFramework(reader, agentId, id);
    if (framework) frameworks.push(framework);
  }
  const drainPath = drainConfigPath(reader.meta, agentId);
  const drain = await readMessage(reader, 'drain config', drainPath, mesos.DrainConfig);
  return { info, drain, frameworks, errors: reader.errors };
}

async function readFramework(
  reader: Reader,
  agentId: string,
  id: string,
): Promise<RecoveredFramework | undefined> {
  const { meta, errors } = reader;
  const damagesBefore = errors.length;
  const infoPath = frameworkInfoPath(meta, agentId, id);
  const info = await readMessage(reader, 'framework info', infoPath, mesos.FrameworkInfo);
  const pid = await readText(frameworkPidPath(meta, agentId, id));
  if (!info || pid === undefined) {
    // The agent died while it wrote these files; others of that moment may lie below. Nobody was
    // told of them, and they must not come back when the framework is written down again.
    const isUnfinished = errors.length === damagesBefore;
    if (isUnfinished) await rm(dirname(infoPath), { recursive: true, force: true });
    return undefined;
  }
  const executors: RecoveredExecutor[] = [];
  for (const executor of await list(executorsPath(meta, agentId, id))) {
    const frameworkId = id as FrameworkId;
    const names = { agentId, frameworkId, executorId: executor } as Omit<RunRef, 'container'>;
    const recovered = await readExecutor(reader, names);
    if (recovered) executors.push(recovered);
  }
  return {
    id: id as FrameworkId,
    info,
    pid: pid === '' || pid.startsWith('@') ? undefined : (pid as Pid),
    executors,
  };
}

async function readExecutor(
  reader: Reader,
  names: Omit<RunRef, 'container'>,
): Promise<RecoveredExecutor | undefined> {
  const paths = runPaths(reader.meta, { ...names, container: '' as ContainerIdText });
  const latest = await readLatest(paths.latest);
  const info = await readMessage(reader, 'executor info', paths.executorInfo, mesos.ExecutorInfo);
  if (!info) return undefined;
  const runs = await list(paths.directory);
  const container = latest as ContainerIdText | undefined;
  return {
    id: names.executorId as ExecutorId,
    info,
    generated: (await readText(paths.generated)) === '1',
    run: container && (await readRun(reader, { ...names, container })),
    olderRuns: runs.filter((run) => run !== latest) as ContainerIdText[],
  };
}

async function readRun(reader: Reader, run: RunRef): Promise<RecoveredRun> {
  const paths = runPaths(reader.meta, run);
  const tasks: RecoveredTask[] = [];
  for (const id of await list(paths.tasks)) {
    const task = await readTask(reader, paths, id as TaskId);
    if (task) tasks.push(task);
  }
  return {
    container: run.container,
    completed: (await readText(paths.sentinel)) !== undefined,
    forkedPid: reader.rebooted ? undefined : await readPid(reader, paths.forkedPid),
    http: (await readText(paths.httpMarker)) !== undefined,
    tasks,
  };
}

async function readPid(reader: Reader, path: string): Promise<number | undefined> {
  const text = await readText(path);
  // An agent that died between opening the file and writing it leaves it empty.
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  report(reader, `Failed to parse forked pid '${text}' of '${path}'`);
  return undefined;
}

async function readTask(
  reader: Reader,
  paths: RunPaths,
  id: TaskId,
): Promise<RecoveredTask | undefined> {
  const { info, updates, launch } = taskPaths(paths, id);
  const task = await readMessage(reader, 'task info', info, mesos.Task);
  if (!task) return undefined;
  const event = await readMessage(reader, 'task launch', launch, executorApi.Event);
  return { id, task, launch: event, ...(await readUpdates(reader, updates)) };
}

async function readUpdates(
  reader: Reader,
  path: string,
): Promise<Pick<RecoveredTask, 'updates' | 'acknowledged'>> {
  const bytes = await readCheckpoint(path);
  if (!bytes) return { updates: [], acknowledged: [] };
  const records = parseRecords(bytes, { ignorePartial: true });
  if (!records.ok) {
    report(reader, `Failed to read status updates file '${path}': ${records.error}`);
    return { updates: [], acknowledged: [] };
  }
  // The agent died while it wrote the last one: nobody was told of it, and the next must not
  // follow its remains.
  if (records.value.length < bytes.length) await truncate(path, records.value.length);
  try {
    const read = records.value.records.map((record) => decode(internal.StatusUpdateRecord, record));
    return {
      updates: read.flatMap(({ type, update }) => (type === 'UPDATE' && update ? [update] : [])),
      acknowledged: read.flatMap(({ type, uuid }) =>
        type === 'ACK' && uuid ? [uuidText(uuid)] : [],
      ),
    };
  } catch (error) {
    report(reader, `Failed to read status updates file '${path}': ${(error as Error).message}`);
    return { updates: [], acknowledged: [] };
  }
}

/** The one message of a file. An absent or empty file is one that an agent died before writing. */
async function readMessage<T>(
  reader: Reader,
  what: string,
  path: string,
  schema: MessageSchema<T>,
): Promise<T | undefined> {
  const bytes = await readCheckpoint(path);
  if (!bytes || bytes.length === 0) return undefined;
  const records = parseRecords(bytes);
  const [record] = records.ok ? records.value.records : [];
  if (!records.ok || !record) {
    const reason = records.ok ? 'no message' : records.error;
    report(reader, `Failed to read ${what} from '${path}': ${reason}`);
    return undefined;
  }
  try {
    return decode(schema, record);
  } catch (error) {
    report(reader, `Failed to read ${what} from '${path}': ${(error as Error).message}`);
    return undefined;
  }
}

function report({ strict, errors }: Reader, text: string): void {
  if (strict) throw new Error(text);
  errors.push(text);
}

/** The name a `latest` link points to, when that still exists. */
async function readLatest(path: string): Promise<string | undefined> {
  try {
    return basename(await realpath(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`Failed to find latest agent or run '${path}'`, { cause: error });
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Directories in it; none when there is no such directory. */
async function list(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
