import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { jsonObject, message } from '../../flags/param-types.ts';
import * as flagMessages from '../../wire/schema/flags.ts';
import * as mesos from '../../wire/schema/mesos.ts';

export const containerFlags = group('Containers', {
  containerizers: flag(
    param.string({ default: 'mesos', help: 'Ordered list of containerizers: mesos, docker.' }),
  ),
  isolation: flag(
    param.string({ default: 'posix/cpu,posix/mem', help: 'Comma list of isolators.' }),
  ),
  launcher: flag(
    param.string({
      default: 'posix',
      help: 'Linux, posix (or windows); linux needs root and cgroups, and is the default where both are.',
    }),
  ),
  switch_user: flag(param.bool({ default: true, help: 'Run tasks as their user.' })),
  sandbox_directory: flag(
    param.string({ default: '/mnt/mesos/sandbox', help: 'Path of the sandbox inside containers.' }),
  ),
  default_container_info: flag(
    message(mesos.ContainerInfo, 'json', { help: 'ContainerInfo for executors without one.' }),
    { supported: false },
  ),
  default_container_dns: flag(
    message(flagMessages.ContainerDNSInfo, 'json', {
      help: 'DNS settings for CNI and docker networks.',
    }),
    { supported: false },
  ),
  container_logger: flag(param.string({ help: 'Container logger module.' })),
  secret_resolver: flag(param.string({ help: 'Secret resolver module.' })),
  http_heartbeat_interval: flag(
    param.duration({ default: '30secs', help: 'Heartbeat on attach-output and session streams.' }),
  ),
  disallow_sharing_agent_ipc_namespace: flag(
    param.bool({ default: false, help: 'Force private IPC namespace for top-level containers.' }),
  ),
  disallow_sharing_agent_pid_namespace: flag(
    param.bool({ default: false, help: 'Force private pid namespace for top-level containers.' }),
  ),
  default_container_shm_size: flag(
    param.bytes({ help: 'Size of private /dev/shm; namespaces/ipc.' }),
  ),
  volume_gid_range: flag(
    param.string({ help: 'Gids handed to shared volumes so that non-root tasks can write.' }),
    { supported: false },
  ),
  host_path_volume_force_creation: flag(
    param.string({ help: 'Directories under which missing host volumes may be created.' }),
  ),
  csi_plugin_config_dir: flag(
    param.string({ help: 'Directory of CSI plugin configs, one CSIPluginInfo JSON per file.' }),
    { supported: false },
  ),
});

export const executorFlags = group('Executors', {
  executor_environment_variables: flag(
    jsonObject({
      help: "What executors start with, a JSON object of strings: custom executors and command tasks; tasks of pods have their own. Nothing of the agent's environment is handed on but LIBPROCESS_IP.",
    }),
    {
      check: (value) =>
        Object.values(value).every((each) => typeof each === 'string')
          ? undefined
          : '`executor_environment_variables` must only contain string values',
    },
  ),
  executor_registration_timeout: flag(
    param.duration({ default: '1mins', help: 'Time for a new executor to register, else killed.' }),
  ),
  executor_reregistration_retry_interval: flag(
    param.duration({ help: 'Resend reconnect message to driver executors this often.' }),
    { supported: false },
  ),
  executor_reregistration_timeout: flag(
    param.duration({
      default: '2secs',
      help: 'How long executors may take to come back after a restart of the agent, at most 15secs.',
    }),
    {
      check: (value) =>
        value > 15_000
          ? 'Expected `--executor_reregistration_timeout` to be not more than 15secs'
          : undefined,
    },
  ),
  executor_shutdown_grace_period: flag(
    param.duration({ default: '5secs', help: 'Default time between SHUTDOWN and kill.' }),
  ),
  http_command_executor: flag(
    param.bool({ default: false, help: 'Run the command executor over the HTTP API.' }),
    { supported: false },
  ),
  http_executor_domain_sockets: flag(
    param.bool({ default: false, help: 'Serve executors on a unix socket.' }),
    { supported: false },
  ),
  domain_socket_location: flag(
    param.string({
      help: 'Path of the unix socket for executors, below 108 characters, or systemd:<name>; unset, <runtime_dir>/agent.sock.',
    }),
    {
      supported: false,
      check: (value) =>
        value.length >= 108
          ? 'Domain socket location cannot be longer than 108 characters.'
          : undefined,
    },
  ),
});
