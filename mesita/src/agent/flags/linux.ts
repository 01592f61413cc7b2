import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { message, wordSet } from '../../flags/param-types.ts';
import * as mesos from '../../wire/schema/mesos.ts';

export const cgroupFlags = group('Control groups', {
  agent_subsystems: flag(
    param.string({
      help: "Cgroup subsystems (between commas) in which the agent itself gets a group: 'slave' below the root; on cgroups v2 'agent', and these controllers are enabled.",
    }),
    { alias: 'slave_subsystems' },
  ),
  cgroups_cpu_enable_pids_and_tids_count: flag(
    param.bool({ default: false, help: 'Count processes and threads.' }),
  ),
  cgroups_destroy_timeout: flag(
    param.duration({ default: '1mins', help: 'Limit for destroying a cgroup.' }),
  ),
  cgroups_enable_cfs: flag(
    param.bool({ default: false, help: 'Hard CPU limits through CFS quota.' }),
  ),
  cgroups_hierarchy: flag(
    param.string({ default: '/sys/fs/cgroup', help: 'Cgroups v1 mount root.' }),
  ),
  cgroups_limit_swap: flag(
    param.bool({ default: false, help: 'Limit memory+swap; on cgroups v2: no swap at all.' }),
  ),
  cgroups_memory_high: flag(
    param.float({
      min: 0.1,
      max: 1,
      help: 'Cgroups v2: part of the memory limit (0.1 to 1) above which a container is slowed down instead of growing on; unset: none.',
    }),
  ),
  cgroups_net_cls_primary_handle: flag(param.string({ help: '16-bit primary net_cls handle.' })),
  cgroups_net_cls_secondary_handles: flag(
    param.string({ help: 'Range of secondary handles; needs the primary.' }),
  ),
  cgroups_root: flag(param.string({ default: 'mesos', help: 'Name of the root cgroup.' })),
  perf_duration: flag(
    param.duration({ default: '10secs', help: 'Length of a sample; at most perf_interval.' }),
  ),
  perf_events: flag(
    param.string({ help: 'Perf events to sample, between commas; for cgroups/perf_event.' }),
  ),
  perf_interval: flag(
    param.duration({ default: '1mins', help: 'Time from the start of a perf sample to the next.' }),
  ),
  revocable_cpu_low_priority: flag(
    param.bool({ default: true, help: 'Low CPU shares for revocable CPU.' }),
  ),
});

export const linuxFlags = group('Linux', {
  allowed_devices: flag(
    message(mesos.DeviceWhitelist, 'json', {
      help: 'Extra devices allowed to all containers (DeviceWhitelist JSON).',
    }),
  ),
  bounding_capabilities: flag(
    message(mesos.CapabilityInfo, 'json', {
      help: 'Upper bound of capabilities; must contain the effective ones.',
    }),
  ),
  container_disk_watch_interval: flag(
    param.duration({ default: '15secs', help: 'Time between disk quota checks.' }),
  ),
  effective_capabilities: flag(
    message(mesos.CapabilityInfo, 'json', {
      help: 'Effective capabilities of containers that name none (linux/capabilities).',
    }),
    { alias: 'allowed_capabilities' },
  ),
  enforce_container_disk_quota: flag(
    param.bool({ default: false, help: 'Kill containers over their disk quota.' }),
  ),
  nvidia_gpu_devices: flag(
    wordSet({ help: 'GPU indices to use; together with gpus in resources.' }),
  ),
  seccomp_config_dir: flag(param.string({ help: 'Directory of seccomp profiles.' }), {
    build: 'enable-seccomp-isolator',
  }),
  seccomp_profile_name: flag(
    param.string({ help: 'Default profile, relative to that directory.' }),
    { build: 'enable-seccomp-isolator' },
  ),
  systemd_enable_support: flag(
    param.bool({
      default: true,
      help: 'Accepted for the sake of command lines that turn it off; systemd slices are not used.',
    }),
  ),
  systemd_runtime_directory: flag(
    param.string({ default: '/run/systemd/system', help: 'Systemd runtime path.' }),
  ),
  xfs_kill_containers: flag(
    param.bool({ default: false, help: 'Kill on soft limit instead of hard ENOSPC.' }),
    { build: 'enable-xfs-disk-isolator' },
  ),
  xfs_project_range: flag(
    param.string({ default: '[5000-10000]', help: 'XFS project ids for disk/xfs.' }),
    { build: 'enable-xfs-disk-isolator' },
  ),
  xfs_quota_headroom: flag(
    param.bytes({ default: '10MB', help: 'Hard limit margin above the quota.' }),
    { build: 'enable-xfs-disk-isolator' },
  ),
});
