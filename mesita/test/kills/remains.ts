// What a round must not leave behind.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Of containers: directories, groups, processes that hold anything below the folder. */
export function remainsOf(home: string, daemons: ReadonlySet<number>, cgroups?: string): string[] {
  return [
    ...namesIn(join(home, 'runtime/containers')).map((name) => `runtime directory ${name}`),
    ...(cgroups === undefined ? [] : groupsOf(cgroups)),
    ...processesOf(home, daemons),
  ];
}

function groupsOf(root: string): string[] {
  return namesIn('/sys/fs/cgroup').flatMap((hierarchy) => {
    const path = join('/sys/fs/cgroup', hierarchy, root);
    const groups = namesIn(path).filter((name) => existsSync(join(path, name, 'cgroup.procs')));
    return groups.map((name) => `cgroup ${hierarchy}/${root}/${name}`);
  });
}

function processesOf(home: string, daemons: ReadonlySet<number>): string[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!(pid > 0) || pid === process.pid || daemons.has(pid)) return [];
    const command = text(`/proc/${pid}/comm`).trim();
    // It ends with its agent, and belongs to no container.
    if (command === 'mesita-launcher') return [];
    const holds = [
      `/proc/${pid}/cwd`,
      ...namesIn(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`),
    ];
    return holds.some((path) => linkOf(path).startsWith(`${home}/`))
      ? [`process ${pid} ${command}`]
      : [];
  });
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
