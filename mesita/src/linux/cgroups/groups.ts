import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between a container's group and those of the containers in it. */
const separator = 'mesos';

/**
 * Below a hierarchy: `<root>/<id>` and, nested, `<root>/<id>/mesos/<child>`. On version 2 processes
 * live in a `leaf` below that, because a group that limits others must not hold any itself.
 */
export function groupPath(root: string, lineage: readonly string[]): string {
  return join(root, lineage.join(`/${separator}/`));
}

export const leafName = 'leaf';

/**
 * Below the root, by version, the one in which an agent is by `--agent_subsystems`. It is never a
 * container's: the agent would be ended with it.
 */
export const agentGroup = { 1: 'slave', 2: 'agent' } as const;

/** The lineages of all groups below the root that are containers'. */
export function findLineages(hierarchy: string, root: string): string[][] {
  const below = (path: string, parents: readonly string[]): string[][] =>
    childrenOf(path).flatMap((name) => {
      const lineage = [...parents, name];
      return [lineage, ...below(join(path, name, separator), lineage)];
    });
  return below(join(hierarchy, root), []);
}

function childrenOf(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** A group and everything below it, the innermost first. */
export function groupsBelow(path: string): string[] {
  return [...childrenOf(path).flatMap((name) => groupsBelow(join(path, name))), path];
}

export async function makeGroup(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 });
}

/** What the kernel says of a group is short, and comes whole with the first read. */
const buffer = Buffer.allocUnsafe(64 * 1024);

/** Statistics of a thousand groups ask for it: half the time of `readFileSync`. */
export function readGroupFile(path: string, file: string): string {
  const fd = openSync(`${path}/${file}`, 'r');
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer)).trim();
  } finally {
    closeSync(fd);
  }
}

/** Undefined when this kernel has no such file, or the group is gone. */
export function tryReadGroupFile(path: string, file: string): string | undefined {
  try {
    return readGroupFile(path, file);
  } catch {
    return undefined;
  }
}

/** A write may wait for the kernel to free memory or to settle, so it never holds the loop. */
export async function writeGroupFile(path: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(join(path, file), text, { flag: 'r+' });
  } catch (cause) {
    throw new Error(`Failed to write '${text}' to '${join(path, file)}': ${reason(cause)}`, {
      cause,
    });
  }
}

/** Of the group alone, without those below. */
export async function readProcesses(path: string): Promise<number[]> {
  try {
    const text = await readFile(join(path, 'cgroup.procs'), 'latin1');
    return text.split('\n').filter(Boolean).map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** `name value` lines. */
export function parseKeyed(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const blank = line.indexOf(' ');
    if (blank > 0) values.set(line.slice(0, blank), Number(line.slice(blank + 1)));
  }
  return values;
}

/** Removes a group with all below it. What just died may be in them for a moment. */
export async function removeGroups(path: string, deadlineMs: number): Promise<void> {
  for (const group of groupsBelow(path)) {
    for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
      try {
        await rmdir(group);
        break;
      } catch (error) {
        if (isGone(error)) break;
        if (Date.now() > deadlineMs) {
          throw new Error(`Failed to remove cgroup '${group}': ${reason(error)}`, { cause: error });
        }
        await sleep(pause);
      }
    }
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENODEV';
}

function reason(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
