import type { Isolator } from '@mesita/sdk/module';
import type { NamedIsolator } from './named-isolator.ts';

/**
 * Built-ins are made in this order, whatever the flag's: later ones may rely on what earlier ones
 * prepared. `windows/…` and what this build cannot do yet have their place all the same.
 */
const builtinOrder: readonly string[] = [
  'filesystem/windows',
  'filesystem/posix',
  'filesystem/linux',
  'filesystem/shared',
  'posix/cpu',
  'posix/mem',
  'posix/rlimits',
  'windows/cpu',
  'windows/mem',
  // All of them are one isolator in Mesos; here each has its own name.
  ...cgroupSubsystems(),
  'appc/runtime',
  'docker/runtime',
  'linux/devices',
  'linux/capabilities',
  'linux/nnp',
  'namespaces/ipc',
  'namespaces/pid',
  'volume/sandbox_path',
  'docker/volume',
  'volume/host_path',
  'volume/image',
  'volume/secret',
  'volume/csi',
  'disk/du',
  'disk/xfs',
  'linux/seccomp',
  'gpu/nvidia',
  'network/cni',
  'network/port_mapping',
  'network/ports',
  'environment_secret',
];

function cgroupSubsystems(): string[] {
  return [
    'all',
    'blkio',
    'cpu',
    'cpuset',
    'devices',
    'hugetlb',
    'mem',
    'net_cls',
    'net_prio',
    'perf_event',
    'pids',
  ].map((name) => `cgroups/${name}`);
}

const deprecated: Readonly<Record<string, readonly string[]>> = {
  process: ['posix/cpu', 'posix/mem'],
  cgroups: ['cgroups/cpu', 'cgroups/mem'],
  'posix/disk': ['disk/du'],
};

/** Makes an isolator by name, or answers undefined when there is none of that name. */
export type CreateIsolator = (name: string) => Promise<Isolator | undefined>;

/** The isolators that `--isolation` names, old shorthands spelt out. */
export function parseIsolation(flag: string): readonly string[] {
  const tokens = flag.split(',').filter((token) => token !== '');
  return tokens.flatMap((token) => deprecated[token] ?? [token]);
}

/** What `--isolation` means, in order. Throws the text with which the agent refuses to start. */
export function planIsolators(flag: string): { builtins: string[]; modules: string[] } {
  const tokens = flag.split(',').filter((token) => token !== '');
  if (new Set(tokens).size !== tokens.length) {
    throw new Error(`Duplicate entries found in --isolation flag '[ ${tokens.join(', ')} ]'`);
  }
  const names = new Set(parseIsolation(flag));
  addImplied(names);
  return {
    builtins: builtinOrder.filter((name) => names.has(name)),
    modules: [...names].filter((name) => !builtinOrder.includes(name)),
  };
}

function addImplied(names: Set<string>): void {
  const filesystems = [...names].filter((name) => name.startsWith('filesystem/'));
  if (filesystems.length > 1) {
    throw new Error('Using multiple filesystem isolators simultaneously is disallowed');
  }
  if (filesystems.length === 0) names.add('filesystem/posix');
  const networks = [...names].filter(
    (name) => name.startsWith('network/') && name !== 'network/ports',
  );
  if (networks.length > 1) {
    throw new Error('Using multiple network isolators simultaneously is disallowed');
  }
  // Mesos implies `network/cni` and `volume/image`, too. Until these are built, a container that
  // asks for a network or an image is refused.
  if (names.has('filesystem/linux')) {
    for (const name of ['volume/host_path', 'volume/sandbox_path']) names.add(name);
  }
  names.add('environment_secret');
}

export async function createIsolators(
  flag: string,
  create: CreateIsolator,
): Promise<NamedIsolator[]> {
  const { builtins, modules } = planIsolators(flag);
  const made: NamedIsolator[] = [];
  for (const name of [...builtins, ...modules]) {
    const isolator = await createOne(name, create);
    if (isolator) made.push({ name, isolator });
    else if (modules.includes(name)) throw new Error(`Unknown or unsupported isolator '${name}'`);
    else throw new Error(`Failed to create isolator '${name}': not supported yet`);
  }
  return made;
}

async function createOne(name: string, create: CreateIsolator): Promise<Isolator | undefined> {
  try {
    return await create(name);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Failed to create isolator '${name}': ${text}`, { cause });
  }
}
