// Compiles the C files here to dist/mesita-launcher. Without a compiler the agent runs containers
// through the shell instead, so a failure here is said and is no error.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-s'];

/** Answers the path of the program, or undefined when there is none. */
export function buildLauncher(output = join(here, '../dist/mesita-launcher')) {
  if (process.platform !== 'linux') return undefined;
  mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}.tmp`;
  const sources = readdirSync(here)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(here, name));
  const compiler = process.env.CC ?? 'cc';
  // A static program costs a container less memory; not every system has the library for it.
  for (const linking of [['-static'], []]) {
    const args = [...flags, ...linking, '-o', temporary, ...sources];
    const { status, error } = spawnSync(compiler, args, { encoding: 'utf8' });
    if (error) break;
    if (status !== 0) continue;
    renameSync(temporary, output);
    return output;
  }
  rmSync(temporary, { force: true });
  console.log('mesita-launcher: no C compiler, containers will be started through the shell');
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildLauncher();
