import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { hasProgram } from '../harness/packages.ts';

const root = join(import.meta.dirname, '../../..');
const megabyte = 1024 * 1024;

/** Says in one line what is missing, when something is. */
export function canBootUml(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log('skipped: User-Mode Linux tests need root on Linux');
    return false;
  }
  return hasProgram('linux.uml', 'user-mode-linux') && hasProgram('mkfs.xfs', 'xfsprogs');
}

/**
 * Boots, runs the tests whose paths hold one of `filters`, and hands on what they say line by line.
 * Answers their exit status; undefined: it ended, or was ended by the timeout, before they did.
 */
export async function runTestsInUml(
  filters: readonly string[],
  say: (line: string) => void,
  timeoutMs = 400_000,
): Promise<number | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'mesita-uml-'));
  try {
    await bundleTests();
    const xfs = makeDisk(directory, 'xfs', 300, ['mkfs.xfs', '-q']);
    const swap = makeDisk(directory, 'swap', 16, ['mkswap']);
    return await boot(
      [
        ...['mem=1500M', 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', 'quiet'],
        ...['con=null', 'con0=fd:0,fd:1', 'con1=null', `uml_dir=${directory}/`],
        ...[`ubda=${xfs}`, `ubdb=${swap}`, `init=${join(import.meta.dirname, 'init.sh')}`],
        ...[`MESITA_ROOT=${root}`, `MESITA_NODE=${process.execPath}`],
        `MESITA_TESTS=${filters.join(',')}`,
      ],
      say,
      timeoutMs,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Translated out here, where it takes a tenth of the time. */
async function bundleTests(): Promise<void> {
  const outdir = join(root, 'mesita/dist/uml');
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(import.meta.dirname, name)),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['mesita-source'],
    external: ['vitest', 'fast-check'],
    // Some packages are CommonJS.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

/** Sparse: it takes up what is written to it. */
function makeDisk(directory: string, name: string, megabytes: number, format: string[]): string {
  const path = join(directory, name);
  writeFileSync(path, '');
  truncateSync(path, megabytes * megabyte);
  const [command = '', ...args] = format;
  const { status, stderr } = spawnSync(command, [...args, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return path;
}

async function boot(
  args: readonly string[],
  say: (line: string) => void,
  timeoutMs: number,
): Promise<number | undefined> {
  // A group of its own: the processes inside are processes of this machine, too, and end with it.
  const child = spawn('linux.uml', args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const end = (): void => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // Ended by itself.
    }
  };
  const endAll = (): void => {
    end();
    process.exit(1);
  };
  process.once('exit', end);
  process.once('SIGINT', endAll).once('SIGTERM', endAll);
  const timer = setTimeout(end, timeoutMs);
  let phase: 'boot' | 'tests' | 'over' = 'boot';
  let status: number | undefined;
  let lastWords = '';
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const ended = /^--- status (\d+)/.exec(line);
      if (ended) [phase, status] = ['over', Number(ended[1])];
      else if (phase === 'tests') say(line);
      else if (line.startsWith('--- tests')) phase = 'tests';
      else lastWords = `${lastWords}\n${line}`.slice(-1000);
    }
  } finally {
    clearTimeout(timer);
    end();
    process.off('exit', end).off('SIGINT', endAll).off('SIGTERM', endAll);
  }
  if (phase === 'boot') throw new Error(`User-Mode Linux did not boot: ${lastWords}`);
  return status;
}
