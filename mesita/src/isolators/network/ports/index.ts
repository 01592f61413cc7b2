import { join } from 'node:path';
import { defineModule, param } from '@mesita/sdk/module';
import { parseResources } from '@mesita/sdk/resources';
import type { ContainerID, Resource } from '@mesita/sdk/types';
import { groupPath, groupsBelow, tryReadGroupFile } from '../../../linux/cgroups/groups.ts';
import { type Hierarchies, readHierarchies } from '../../../linux/cgroups/hierarchies.ts';
import { readListeningSockets, readSockets } from '../../../linux/listening-sockets.ts';
import { type Breach, createBreach } from '../../breach.ts';
import { keyOf, lineageOf } from '../../container-key.ts';
import { need, surroundings } from '../../host-needs.ts';
import { repeatEvery } from '../../repeat.ts';
import { formatPorts, includes, type Ports, portsOf, toRanges } from './ranges.ts';

/** What an agent has when `--resources` names no ports. */
const defaultPorts: Ports = [{ begin: 31000, end: 32000 }];

interface Watched extends Breach {
  /** Undefined until the agent says it, after a restart. */
  allocated: Ports | undefined;
  /** What was complained about last. */
  told: string;
}

/** Tells, and where that is enforced ends, containers that listen on ports they do not have. */
export default defineModule({
  kind: 'Isolator',
  name: 'network/ports',
  description: 'Nobody listens on ports of others',
  parameters: {
    ...surroundings,
    cgroups_hierarchy: param.string({ default: '/sys/fs/cgroup' }),
    cgroups_root: param.string({ default: 'mesos' }),
    resources: param.string(),
    default_role: param.string({ default: '*' }),
    container_ports_watch_interval: param.duration({ default: '30secs' }),
    container_ports_isolated_range: param.string(),
    check_agent_port_range_only: param.bool({ default: false }),
    enforce_container_ports: param.bool({ default: false }),
  },
  create: (context, flags) => {
    const { log } = context;
    need(flags.launcher === 'linux', "The 'network/ports' isolator requires the 'linux' launcher");
    const isolated = chooseIsolated(flags);
    const hierarchies = readHierarchies(flags.cgroups_hierarchy);
    const containers = new Map<string, Watched>();
    const listensOn = createListeners(hierarchies, flags.cgroups_root);

    function remember(id: ContainerID, allocated: Ports | undefined): void {
      if (!id.parent) containers.set(keyOf(id), { allocated, told: '', ...createBreach() });
    }

    function check(key: string, watched: Watched, ports: readonly number[]): void {
      const { allocated } = watched;
      if (!allocated) return;
      const foreign = ports.filter((port) => !includes(allocated, port));
      const ranges = toRanges(isolated ? foreign.filter((p) => includes(isolated, p)) : foreign);
      const text = formatPorts(ranges);
      if (ranges.length === 0 || watched.told === text) return;
      watched.told = text;
      const message = `Container ${key} is listening on unallocated port(s): ${text}`;
      log.warn('container listens on ports that it does not have', {
        containerId: key,
        ports: text,
      });
      if (!flags.enforce_container_ports) return;
      const resources: Resource[] = [{ name: 'ports', type: 'RANGES', ranges: { range: ranges } }];
      watched.tell({ reason: 'REASON_CONTAINER_LIMITATION', message, resources });
    }

    /** One look at the host's sockets for all containers. */
    async function checkAll(): Promise<void> {
      const sockets = containers.size > 0 ? await readListeningSockets() : new Map();
      if (sockets.size === 0) return;
      for (const [key, watched] of containers) check(key, watched, await listensOn(key, sockets));
    }

    repeatEvery(context, flags.container_ports_watch_interval, checkAll);

    return {
      supportsNesting: true,
      async recover(states) {
        for (const { containerId } of states) remember(containerId, undefined);
      },
      async prepare(id, { resources }) {
        remember(id, portsOf(resources ?? []));
        return undefined;
      },
      watch: (id, signal) => (containers.get(keyOf(id)) ?? createBreach()).watch(signal),
      async update(id, requests) {
        const watched = containers.get(keyOf(id));
        if (watched) watched.allocated = portsOf(requests.toMessages());
      },
      async cleanup(id) {
        containers.delete(keyOf(id));
      },
    };
  },
});

interface Ranges {
  readonly container_ports_isolated_range: string | undefined;
  readonly check_agent_port_range_only: boolean;
  readonly resources: string | undefined;
  readonly default_role: string;
}

/** The only ports that are looked at; undefined: all. */
function chooseIsolated(flags: Ranges): Ports | undefined {
  const range = flags.container_ports_isolated_range;
  if (flags.check_agent_port_range_only && range !== undefined) {
    throw new Error(
      "Only one of `--check_agent_port_range_only` or '--container_ports_isolated_range` should be specified",
    );
  }
  if (flags.check_agent_port_range_only) {
    const parsed = parseResources(flags.resources ?? '', flags.default_role);
    if (!parsed.ok) throw new Error(`Failed to parse agent resources: ${parsed.error}`);
    const isNamed = parsed.value.some(({ name }) => name === 'ports');
    return isNamed ? portsOf(parsed.value) : defaultPorts;
  }
  if (range === undefined) return undefined;
  const parsed = parseResources(`ports:${range}`);
  const [resource] = parsed.ok ? parsed.value : [];
  if (!resource) throw new Error(`Failed to parse isolated ports range '${range}'`);
  if (resource.type !== 'RANGES') {
    throw new Error(`Invalid port range resource type ${resource.type}, expecting RANGES`);
  }
  return portsOf([resource]);
}

/** On which ports a root container and those in it listen, by the groups their processes are in. */
function createListeners(hierarchies: Hierarchies, root: string) {
  const hierarchy = hierarchies.find('freezer');
  if (hierarchy === undefined) throw new Error('Failed to prepare the freezer cgroup');
  return async (key: string, sockets: ReadonlyMap<number, number>): Promise<number[]> => {
    const groups = groupsBelow(join(hierarchy, groupPath(root, lineageOf({ value: key }))));
    const pids = groups.flatMap((group) =>
      (tryReadGroupFile(group, 'cgroup.procs') ?? '').split('\n').filter(Boolean).map(Number),
    );
    const ports: number[] = [];
    for (const pid of pids) {
      for (const inode of await readSockets(pid)) {
        const port = sockets.get(inode);
        if (port !== undefined) ports.push(port);
      }
    }
    return ports;
  };
}
