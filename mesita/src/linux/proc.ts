import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** The parts of `/proc/PID/stat` that somebody asks for. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly threads: number;
  /** In ticks since boot. With the pid it names one process for as long as the machine is up. */
  readonly startTime: number;
  readonly residentPages: number;
}

/** Linux shows times in 1/100 s and memory in pages on every supported machine. */
export const ticksPerSecond = 100;
export const pageBytes = 4096;

export function parseStat(text: string): ProcessStat | undefined {
  // The program's name stands in brackets and may hold blanks and brackets itself.
  const close = text.lastIndexOf(')');
  if (close < 0) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const number = (index: number): number => Number(fields[index - 3] ?? 0);
  return {
    pid: Number.parseInt(text, 10),
    state: fields[0] ?? '',
    parent: number(4),
    group: number(5),
    session: number(6),
    userTicks: number(14),
    systemTicks: number(15),
    threads: number(20),
    startTime: number(22),
    residentPages: number(24),
  };
}

/** Undefined when there is no such process. */
export async function readStat(pid: number): Promise<ProcessStat | undefined> {
  try {
    return parseStat(await readFile(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** A name of 16 bytes and fifty numbers: never more. */
const statBuffer = Buffer.allocUnsafe(2048);

/** The kernel answers from memory: for a single process this is quicker than to wait for it. */
export function readStatSync(pid: number): ProcessStat | undefined {
  try {
    const file = openSync(`/proc/${pid}/stat`, 'r');
    try {
      return parseStat(statBuffer.toString('latin1', 0, readSync(file, statBuffer)));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** Ten times quicker than by promises: a container's end asks for it, and a hundred may end at once. */
export function readAllStats(): ProcessStat[] {
  const names = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return names.flatMap((name) => readStatSync(Number(name)) ?? []);
}

/** Everything below `roots` by parent, and everything in a session or group that one of them leads. */
export function selectTree(all: readonly ProcessStat[], roots: readonly number[]): ProcessStat[] {
  const chosen = new Set(roots);
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size;
    for (const stat of all) {
      if (chosen.has(stat.parent) || chosen.has(stat.session) || chosen.has(stat.group)) {
        chosen.add(stat.pid);
      }
    }
  }
  return all.filter((stat) => chosen.has(stat.pid));
}

/** The children of every thread of a process, from the kernel's own lists. */
export async function readChildren(pid: number): Promise<number[]> {
  try {
    const threads = await readdir(`/proc/${pid}/task`);
    const lists = await Promise.all(
      threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'latin1')),
    );
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** A process and all below it. Cheap: it costs nothing for the processes of others. */
export async function readTree(pid: number): Promise<ProcessStat[]> {
  const [own, children] = await Promise.all([readStat(pid), readChildren(pid)]);
  if (!own) return [];
  const below = await Promise.all(children.map((child) => readTree(child)));
  return [own, ...below.flat()];
}
