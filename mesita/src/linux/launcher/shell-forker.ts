import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import type { Forked, Forker, ForkSpec } from './forker.ts';
import { writeSupervisor } from './supervisor-script.ts';

/** Starts each script it is told in the background. It ends with the agent; they do not. */
const launcherScript =
  'while IFS= read -r script; do setsid /bin/sh "$script" </dev/null 2>/dev/null & done';

interface Pending {
  readonly resolve: (forked: Forked) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The launcher where nobody compiled the native one: a shell forks, and a shell script supervises
 * each container. native/README.md lists what it cannot do.
 */
export function createShellForker(log: Logger): Forker {
  const pending = new Map<string, Pending>();
  let sequence = 0;
  let closed = false;
  let child: ChildProcess | undefined = start();

  function start(): ChildProcess {
    const started = spawn('/bin/sh', ['-c', launcherScript], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
    });
    const died = (reason: string): void => {
      if (child === started) child = undefined;
      if (!closed) log.error('launcher ended', { reason });
      for (const { reject } of pending.values()) reject(new Error(`Launcher ended: ${reason}`));
      pending.clear();
    };
    started.once('error', (error) => died(error.message));
    started.once('exit', (code, signal) => died(signal ?? `status ${code}`));
    started.stdin?.on('error', () => {});
    let rest = '';
    started.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) answered(line.split(' '));
    });
    return started;
  }

  /** `<sequence> <pid> <supervisor>`, or `<sequence> error <text>`. */
  function answered([number = '', pid = '', ...others]: string[]): void {
    const waiter = pending.get(number);
    pending.delete(number);
    if (pid === 'error') waiter?.reject(new Error(others.join(' ')));
    else waiter?.resolve({ pid: Number(pid), supervisor: Number(others[0]) });
  }

  return {
    async fork(spec: ForkSpec): Promise<Forked> {
      if (closed) throw new Error('Launcher is closed');
      const number = String(++sequence);
      const path = join(spec.directory, 'supervise');
      if (path.includes('\n')) throw new Error('Paths must not hold line breaks');
      await writeFile(path, writeSupervisor(spec, number), { mode: 0o600 });
      const forked = new Promise<Forked>((resolve, reject) => {
        pending.set(number, { resolve, reject });
      });
      child ??= start();
      child.stdin?.write(`${path}\n`);
      return forked;
    },
    async release(_forked, directory): Promise<void> {
      const path = join(directory, 'release');
      // Held open by the supervisor: without one there is nobody to release.
      const file = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        await file.write('go\n');
      } finally {
        await file.close();
      }
      // As long as it is there, the process was never released: see recovery.
      await rm(path, { force: true });
    },
    async close(): Promise<void> {
      closed = true;
      const ending = child;
      if (!ending || ending.exitCode !== null) return;
      ending.stdin?.end();
      await once(ending, 'exit');
    },
  };
}
