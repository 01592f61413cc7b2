// Durable status updates: a real agent and its disk, executors that do nothing but report, and a
// master in this process that acknowledges at once.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { bundle } from './bundled.ts';
import { print } from './print.ts';
import { acknowledgeAll } from './updates/acknowledging-master.ts';

/** Updates of this many tasks are under way at once. */
const TASKS = [1, 50, 400];
const UPDATES = 60_000;

export async function updatesBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mesita-bench-'));
  const program = join(folder, 'agent.mjs');
  writeFileSync(program, await bundle(new URL('updates/agent.ts', import.meta.url)));
  try {
    for (const tasks of TASKS) await measure(program, join(folder, String(tasks)), tasks);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(program: string, workDir: string, tasks: number): Promise<void> {
  const each = Math.floor(Math.min(UPDATES, 2_000 * tasks) / tasks);
  const master = await acknowledgeAll(tasks, tasks * each);
  const args = [program, workDir, `127.0.0.1:${master.port}`, String(each)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  try {
    const seconds = await Promise.race([
      master.done,
      new Promise<never>((_, reject) =>
        child.once('exit', (status) => reject(new Error(`the agent ended: ${status}`))),
      ),
    ]);
    const figure = `${Math.round((tasks * each) / seconds)} updates/s (${tasks * each} in ${seconds.toFixed(1)} s)`;
    print(`durable status updates, ${tasks} tasks at once`, figure, 'aim 10000 with many');
  } finally {
    child.kill('SIGKILL');
    await master.close();
  }
}
