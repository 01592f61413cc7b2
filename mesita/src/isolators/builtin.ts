import cgroupsAll from './cgroups/all/index.ts';
import cgroupsBlkio from './cgroups/blkio/index.ts';
import cgroupsCpu from './cgroups/cpu/index.ts';
import cgroupsCpuset from './cgroups/cpuset/index.ts';
import cgroupsDevices from './cgroups/devices/index.ts';
import cgroupsHugetlb from './cgroups/hugetlb/index.ts';
import cgroupsMem from './cgroups/mem/index.ts';
import cgroupsNetCls from './cgroups/net_cls/index.ts';
import cgroupsNetPrio from './cgroups/net_prio/index.ts';
import cgroupsPerfEvent from './cgroups/perf_event/index.ts';
import cgroupsPids from './cgroups/pids/index.ts';
import diskDu from './disk/du/index.ts';
import diskXfs from './disk/xfs/index.ts';
import environmentSecret from './environment_secret/index.ts';
import filesystemLinux from './filesystem/linux/index.ts';
import filesystemPosix from './filesystem/posix/index.ts';
import filesystemShared from './filesystem/shared/index.ts';
import filesystemWindows from './filesystem/windows/index.ts';
import gpuNvidia from './gpu/nvidia/index.ts';
import linuxCapabilities from './linux/capabilities/index.ts';
import linuxDevices from './linux/devices/index.ts';
import linuxNnp from './linux/nnp/index.ts';
import linuxSeccomp from './linux/seccomp/index.ts';
import namespacesIpc from './namespaces/ipc/index.ts';
import namespacesPid from './namespaces/pid/index.ts';
import networkPorts from './network/ports/index.ts';
import posixCpu from './posix/cpu/index.ts';
import posixMem from './posix/mem/index.ts';
import posixRlimits from './posix/rlimits/index.ts';
import volumeHostPath from './volume/host_path/index.ts';
import volumeSandboxPath from './volume/sandbox_path/index.ts';
import windowsCpu from './windows/cpu/index.ts';
import windowsMem from './windows/mem/index.ts';

/** The built-in isolators, for the one catalog of modules. */
export const builtinIsolators = [
  filesystemPosix,
  posixCpu,
  posixMem,
  posixRlimits,
  cgroupsAll,
  cgroupsBlkio,
  cgroupsCpu,
  cgroupsCpuset,
  cgroupsDevices,
  cgroupsHugetlb,
  cgroupsMem,
  cgroupsNetCls,
  cgroupsNetPrio,
  cgroupsPerfEvent,
  cgroupsPids,
  diskDu,
  diskXfs,
  environmentSecret,
  filesystemLinux,
  gpuNvidia,
  linuxCapabilities,
  linuxDevices,
  linuxNnp,
  linuxSeccomp,
  namespacesIpc,
  namespacesPid,
  volumeHostPath,
  volumeSandboxPath,
  filesystemShared,
  filesystemWindows,
  networkPorts,
  windowsCpu,
  windowsMem,
] as const;
