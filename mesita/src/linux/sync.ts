import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Resolves when all that was written to the file system that holds `path` is on its disk. */
export async function syncFileSystem(path: string): Promise<void> {
  await run('sync', ['--file-system', path]);
}
