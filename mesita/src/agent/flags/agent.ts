import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { message, secureText, unsigned } from '../../flags/param-types.ts';
import * as flagMessages from '../../wire/schema/flags.ts';
import * as mesos from '../../wire/schema/mesos.ts';

export const agentFlags = group('Agent', {
  master: flag(
    secureText({
      help: 'Address of the master: host:port, zk://host:port,.../path or etcd://host:port,.../path.',
    }),
  ),
  work_dir: flag(param.string({ required: true, help: 'Persistent directory of the agent.' })),
  runtime_dir: flag(
    param.string({
      default: '/var/run/mesos',
      help: 'State kept over agent restarts but not reboots.',
    }),
  ),
  resources: flag(
    param.string({
      help: 'What the agent offers: name(role):value;... or a JSON list. Missing cpus, mem, disk and ports are detected.',
    }),
  ),
  attributes: flag(
    param.string({ help: 'Attributes of the agent, name:value;... (texts, numbers, ranges).' }),
  ),
  default_role: flag(
    param.string({ default: '*', help: 'Role of resources given or detected without one.' }),
  ),
  launcher_dir: flag(
    param.string({ default: '/usr/local/libexec/mesos', help: 'Directory of helper binaries.' }),
  ),
  master_detector: flag(param.string({ help: 'Detection module; not with master.' })),
  domain: flag(
    message(mesos.DomainInfo, 'json', {
      help: "The agent's fault domain JSON; must contain fault_domain.",
    }),
    {
      check: (value) =>
        value.faultDomain === undefined ? '`domain` must define `fault_domain`' : undefined,
    },
  ),
  agent_features: flag(
    message(flagMessages.SlaveCapabilities, 'json', {
      help: 'Capability list to announce; must include the seven mandatory ones.',
    }),
    { supported: false },
  ),
  registration_backoff_factor: flag(
    param.duration({
      default: '1secs',
      help: 'Base of the random, growing delay between registration attempts, below 1mins.',
    }),
  ),
  max_completed_executors_per_framework: flag(
    unsigned({ default: 150, help: 'Completed executors kept per framework.' }),
  ),
  zk_session_timeout: flag(
    param.duration({ default: '10secs', help: 'ZooKeeper session timeout.' }),
  ),
  memory_profiling: flag(param.bool({ default: false, help: 'Expose /memory-profiler.' }), {
    supported: false,
  }),
});

export const recoveryFlags = group('Recovery', {
  recover: flag(
    param.string({ default: 'reconnect', help: 'Reconnect to old executors or cleanup and exit.' }),
  ),
  recovery_timeout: flag(
    param.duration({
      default: '15mins',
      help: 'Executors give up waiting for the agent after this.',
    }),
  ),
  strict: flag(param.bool({ default: true, help: 'Any recovery error is fatal.' })),
  reconfiguration_policy: flag(
    param.string({
      default: 'equal',
      help: 'Allowed changes of agent info on restart: equal or additive.',
    }),
  ),
});
