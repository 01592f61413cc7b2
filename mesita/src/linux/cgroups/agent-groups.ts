import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { enableControllers, inheritCpus } from './controllers.ts';
import { agentGroup, leafName, makeGroup, readProcesses, writeGroupFile } from './groups.ts';
import { readHierarchies } from './hierarchies.ts';
import { findOrMountHierarchy } from './mount-hierarchy.ts';

interface Place {
  /** `--cgroups_hierarchy` */
  readonly base: string;
  /** `--cgroups_root` */
  readonly root: string;
}

/**
 * Puts this process into a group of its own for each controller (on version 2 there is only one),
 * and so whatever it starts from now on that goes nowhere else. The groups stay when it ends. Throws
 * in Mesos' words.
 */
export async function enterAgentGroups(
  controllers: readonly string[],
  place: Place,
  log: Logger,
): Promise<void> {
  const { unified } = readHierarchies(place.base);
  if (unified !== undefined) return enterUnified(unified, place.root, controllers, log);
  for (const controller of controllers) await enterOne(controller, place, log);
}

async function enterUnified(
  unified: string,
  root: string,
  controllers: readonly string[],
  log: Logger,
): Promise<void> {
  const name = join(root, agentGroup[2], leafName);
  const directory = join(unified, name);
  await makeGroup(directory).catch(failing(`Failed to create cgroup '${name}'`));
  await tellOthers(directory, log);
  await enableControllers([unified], controllers).catch(
    failing('Failed to enable the requested cgroup v2 controllers'),
  );
  await enter(directory).catch(failing(`Failed to move the Mesos Agent into cgroup '${name}'`));
}

async function enterOne(controller: string, { base, root }: Place, log: Logger): Promise<void> {
  const hierarchy = await findOrMountHierarchy(base, controller).catch(
    failing(`Failed to prepare cgroup ${root} for subsystem ${controller}`),
  );
  const name = join(root, agentGroup[1]);
  const directory = join(hierarchy, name);
  const where = `for subsystem ${controller} under hierarchy ${hierarchy} for agent`;
  await makeWithCpus(hierarchy, name).catch(failing(`Failed to create cgroup ${name} ${where}`));
  await tellOthers(directory, log);
  await enter(directory).catch(failing(`Failed to move agent into cgroup ${name} ${where}`));
}

async function makeWithCpus(hierarchy: string, name: string): Promise<void> {
  await makeGroup(join(hierarchy, name));
  const names = name.split('/').filter(Boolean);
  for (const at of names.keys()) await inheritCpus(join(hierarchy, ...names.slice(0, at + 1)));
}

/** With all threads. */
function enter(directory: string): Promise<void> {
  return writeGroupFile(directory, 'cgroup.procs', String(process.pid));
}

const shown = 10;

/** Most often supervisors of containers that an earlier agent started. Nobody is in the way. */
async function tellOthers(directory: string, log: Logger): Promise<void> {
  const others = (await readProcesses(directory)).filter((pid) => pid !== process.pid);
  if (others.length === 0) return;
  const names = others.slice(0, shown).map(async (pid) => {
    const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    return `${pid} ${command.trim()}`;
  });
  log.info('an agent, or what it started, is still running in the cgroup of the agent', {
    cgroup: directory,
    count: others.length,
    processes: (await Promise.all(names)).join(', '),
  });
}

function failing(what: string): (cause: Error) => never {
  return (cause) => {
    throw new Error(`${what}: ${cause.message}`, { cause });
  };
}
