import { mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import { type Appender, openAppender, writeCheckpoint } from '../../storage/checkpoint.ts';
import type { CheckpointRecord } from '../core/effects.ts';
import { metaPath } from './paths.ts';
import { changesOf, type FileChange, runDirectory } from './records.ts';
import { commitResources } from './resources.ts';

export interface CheckpointWriter {
  /**
   * Resolves when these records and all before them are on the disk. What comes in while a batch
   * is being written becomes the next one. A full disk is waited out; any other failure rejects
   * this and every later call, for what the disk holds is then unknown.
   */
  write(records: readonly CheckpointRecord[]): Promise<void>;
  /** After the last batch. */
  close(): Promise<void>;
}

interface CheckpointWriterOptions {
  readonly workDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Between two tries on a full disk. */
const FULL_DISK_RETRY_MS = 1000;
/** Files of updates that are kept open; the others open again when they grow. */
const MAX_OPEN_FILES = 256;

export function createCheckpointWriter(options: CheckpointWriterOptions): CheckpointWriter {
  const { clock, log } = options;
  const meta = metaPath(options.workDir);
  const appends = createAppendFiles();
  let waiting: CheckpointRecord[] = [];
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let isClosed = false;

  async function writeNext(before: Promise<void>): Promise<void> {
    await before;
    const records = waiting;
    waiting = [];
    next = undefined;
    const changes = collapse(records.flatMap((record) => changesOf(meta, record)));
    await Promise.all(changes.map(({ path, steps }) => persistently(() => apply(path, steps))));
    for (const record of records) {
      if (record.kind === 'completed') await appends.closeBelow(runDirectory(meta, record.run));
    }
  }

  async function apply(path: string, steps: FileChange[]): Promise<void> {
    // What is done is not done again when the disk fills up in the middle.
    for (let step = steps[0]; step; step = steps[0]) {
      if (step.kind === 'append') await appends.append(path, step.bytes);
      else await applyChange(step);
      steps.shift();
    }
  }

  async function persistently(work: () => Promise<void>): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await work();
        if (tries > 0) log.info('checkpoints are written again');
        return;
      } catch (error) {
        if (!isDiskFull(error) || isClosed) throw error;
        if (tries === 0) log.error('disk is full: checkpoints wait for room', { error });
        await new Promise<void>((resolve) => clock.setTimer(FULL_DISK_RETRY_MS, resolve));
      }
    }
  }

  return {
    write(records) {
      waiting.push(...records);
      if (!next) {
        next = writeNext(last);
        last = next;
        last.catch(() => undefined);
      }
      return next;
    },
    async close() {
      isClosed = true;
      await last.catch(() => undefined);
      await appends.closeBelow('');
    },
  };
}

interface FileChanges {
  readonly path: string;
  readonly steps: FileChange[];
}

/**
 * Changes by file, in the order the files first came; of several replacements only the last. Each
 * change of the resources counts: a volume that is destroyed and made anew is empty.
 */
function collapse(changes: readonly FileChange[]): readonly FileChanges[] {
  const files = new Map<string, FileChange[]>();
  for (const change of changes) {
    const steps = files.get(change.path);
    if (steps && change.kind === 'resources') steps.push(change);
    else if (!steps || change.kind !== 'append') files.set(change.path, [change]);
    else if (steps.at(-1)?.kind === 'append') mergeAppend(steps, change);
    else steps.push(change);
  }
  return [...files].map(([path, steps]) => ({ path, steps }));
}

function mergeAppend(steps: FileChange[], change: Extract<FileChange, { kind: 'append' }>): void {
  const before = steps.pop() as typeof change;
  steps.push({ ...change, bytes: Buffer.concat([before.bytes, change.bytes]) });
}

async function applyChange(change: Exclude<FileChange, { kind: 'append' }>): Promise<void> {
  if (change.kind === 'replace') await writeCheckpoint(change.path, change.bytes);
  else if (change.kind === 'directory') await mkdir(change.path, { recursive: true });
  else if (change.kind === 'resources') await commitResources(change.path, change.record);
  else if (change.kind === 'remove') await rm(change.path, { force: true });
  else await replaceLink(change.path, change.target);
}

/** Points a link elsewhere in one step: whoever reads it finds the old or the new target. */
export async function replaceLink(path: string, target: string): Promise<void> {
  const temporary = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, path);
}

interface AppendFiles {
  append(path: string, bytes: Uint8Array): Promise<void>;
  closeBelow(directory: string): Promise<void>;
}

/** Growing files by path, the most recently used ones open. */
function createAppendFiles(): AppendFiles {
  const open = new Map<string, { readonly appender: Appender; length: number }>();

  async function closeFile(path: string): Promise<void> {
    const file = open.get(path);
    open.delete(path);
    await file?.appender.close();
  }

  async function openFile(path: string) {
    const known = open.get(path);
    if (known) {
      // To the end of the map: the first one is the one unused for longest.
      open.delete(path);
      open.set(path, known);
      return known;
    }
    const file = { appender: await openAppender(path), length: (await stat(path)).size };
    open.set(path, file);
    const [oldest] = open.keys();
    if (open.size > MAX_OPEN_FILES && oldest !== undefined) await closeFile(oldest);
    return file;
  }

  return {
    async append(path, bytes) {
      const file = await openFile(path);
      try {
        await file.appender.append(bytes);
        file.length += bytes.length;
      } catch (error) {
        await closeFile(path);
        // A part of it may stand in the file: the next try begins where this one did.
        await (await openAppender(path, { truncateTo: file.length })).close();
        throw error;
      }
    },
    async closeBelow(directory) {
      for (const path of [...open.keys()]) {
        if (path.startsWith(directory)) await closeFile(path);
      }
    },
  };
}

function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  }
  return false;
}
