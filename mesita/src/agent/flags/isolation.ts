/** The isolators Mesos knows by name, and which of them are built. `true` is flipped by who builds one. */
export const ISOLATORS: Readonly<Record<string, boolean>> = {
  'posix/cpu': true,
  'posix/mem': true,
  'filesystem/posix': true,
  environment_secret: true,
  'posix/rlimits': true,
  'disk/du': true,
  'filesystem/linux': false,
  'filesystem/shared': false,
  'cgroups/all': false,
  'cgroups/blkio': false,
  'cgroups/cpu': false,
  'cgroups/cpuset': false,
  'cgroups/devices': false,
  'cgroups/hugetlb': false,
  'cgroups/mem': false,
  'cgroups/net_cls': false,
  'cgroups/net_prio': false,
  'cgroups/perf_event': false,
  'cgroups/pids': false,
  'appc/runtime': false,
  'docker/runtime': false,
  'docker/volume': false,
  'linux/capabilities': false,
  'linux/devices': false,
  'linux/nnp': false,
  'linux/seccomp': false,
  'namespaces/ipc': false,
  'namespaces/pid': false,
  'volume/csi': false,
  'volume/host_path': false,
  'volume/image': false,
  'volume/sandbox_path': false,
  'volume/secret': false,
  'disk/xfs': false,
  'gpu/nvidia': false,
  'network/cni': false,
  'network/port_mapping': false,
  'network/ports': false,
};

/** One word for several. */
const SHORTHANDS: Readonly<Record<string, readonly string[]>> = {
  process: ['posix/cpu', 'posix/mem'],
  cgroups: ['cgroups/cpu', 'cgroups/mem'],
  'posix/disk': ['disk/du'],
};

/** The isolators that `--isolation` names, old shorthands spelt out. */
export function parseIsolation(text: string): readonly string[] {
  const names = text.split(',').filter((name) => name !== '');
  return names.flatMap((name) => SHORTHANDS[name] ?? [name]);
}
