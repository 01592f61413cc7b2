import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { watchFifo } from '../fifo.ts';
import { describeWaitStatus } from '../signals.ts';
import type { Forker, ForkSpec } from './forker.ts';

/**
 * Runs a program in a process of the launcher's and answers its raw wait status. What it leaves
 * behind ends with it, and all of it when the signal is aborted.
 */
export async function runToEnd(
  forker: Forker,
  spec: ForkSpec,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const { directory } = spec;
  const forked = await forker.fork(spec);
  const alive = await watchFifo(join(directory, 'alive'));
  const kill = (): void => {
    endProcess(forked.supervisor, 'SIGTERM');
    endProcess(-forked.pid, 'SIGKILL');
  };
  if (signal.aborted) kill();
  else signal.addEventListener('abort', kill, { once: true });
  try {
    await forker.release(forked, directory);
    await alive.byte;
    // Programs that it left behind would go on writing.
    endProcess(forked.supervisor, 'SIGTERM');
    await alive.end;
    signal.throwIfAborted();
    return Number.parseInt(await readFile(join(directory, 'status'), 'utf8'), 10);
  } finally {
    signal.removeEventListener('abort', kill);
    alive.close();
  }
}

function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

/**
 * What a tool of the system prints. Rejects with its first complaint when it does not end well, and
 * at once when the signal is aborted, even where the kernel does not let the tool die.
 */
export async function readOutput(
  forker: Forker,
  directory: string,
  [file = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  // One that an agent was killed over, or that did not die, may have left it.
  await remove(directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [stdout, stderr] = [join(directory, 'stdout'), join(directory, 'stderr')];
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' } = process.env;
  // Numbers as machines write them, whatever the operator's language.
  const env = { PATH, LC_ALL: 'C' };
  const spec = { directory, cwd: '/', stdout, stderr, file, args: [file, ...args], env };
  try {
    const run = runToEnd(forker, { ...spec, rlimits: [], preExec: [] }, signal);
    const status = await Promise.race([run, abortOf(signal)]);
    if (status === 0) return await readFile(stdout, 'utf8');
    const complaint = (await readFile(stderr, 'utf8')).split('\n')[0];
    throw new Error(complaint || `${file} ${describeWaitStatus(status)}`);
  } finally {
    await remove(directory).catch(() => {});
  }
}

/** A supervisor that is just ending writes one more file. */
async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
