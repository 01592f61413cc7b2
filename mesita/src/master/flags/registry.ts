import { param } from '@mesita/sdk/module';
import { checkElectionUrl } from '../../flags/election.ts';
import { flag, group } from '../../flags/flag.ts';
import { int32, secureText, unsigned } from '../../flags/param-types.ts';

export const electionFlags = group('Election', {
  cluster: flag(param.string({ help: 'Display name of the cluster.' })),
  zk: flag(
    secureText({
      help: 'ZooKeeper URL zk://[user:pass@]host:port,.../path; or file:// holding it; path may not be /.',
    }),
  ),
  etcd: flag(
    secureText({
      help: 'etcd URL etcd://[user:pass@]host:port,.../path, in place of zk; or file:// holding it.',
    }),
    { check: (url) => checkElectionUrl('Failed to create a master contender', url, ['etcd']) },
  ),
  zk_session_timeout: flag(
    param.duration({
      default: '10secs',
      help: 'A master that ZooKeeper or etcd does not hear of for so long leads no longer.',
    }),
  ),
  quorum: flag(
    int32({
      help: "Replica quorum of Mesos' replicated log; still asked for with zk and --registry=replicated_log.",
    }),
    { effectless: 'there is no replicated log; the registry lies in ZooKeeper' },
  ),
  master_contender: flag(
    param.string({ help: 'Election module; with master_detector, without zk.' }),
  ),
  master_detector: flag(
    param.string({ help: 'Detection module; with master_contender, without zk.' }),
  ),
  log_auto_initialize: flag(
    param.bool({
      default: true,
      help: 'An empty registry begins by itself; off is refused unless --registry=in_memory: there is no replicated log to initialise by hand.',
    }),
  ),
});

export const registryFlags = group('Registry', {
  work_dir: flag(
    param.string({
      help: 'Persistent directory; needed unless --registry=in_memory. Not one that somebody cleans.',
    }),
  ),
  registry: flag(
    param.string({
      default: 'replicated_log',
      help: 'Where the registry lives: local (in work_dir), zookeeper, etcd or in_memory; replicated_log, the name in Mesos, stands for what elects, else for local.',
    }),
  ),
  registry_fetch_timeout: flag(
    param.duration({
      default: '1mins',
      help: 'How long reading the registry may take at the start; the master ends after that.',
    }),
  ),
  registry_gc_interval: flag(
    param.duration({
      default: '15mins',
      help: 'How often unreachable/gone agent records are trimmed.',
    }),
  ),
  registry_max_agent_age: flag(
    param.duration({ default: '2weeks', help: 'Age limit of those records.' }),
  ),
  registry_max_agent_count: flag(
    unsigned({ default: 102400, help: 'Count limit of those records.' }),
  ),
  registry_store_timeout: flag(
    param.duration({
      default: '20secs',
      help: 'How long writing the registry may take; the master ends after that.',
    }),
  ),
  registry_strict: flag(param.bool({ default: false, help: 'Removed feature; true is refused.' }), {
    check: (value) =>
      value
        ? "Support for '--registry_strict' has been disabled and will be removed in a future version of Mesos"
        : undefined,
  }),
  recovery_agent_removal_limit: flag(
    param.string({
      default: '100%',
      help: 'Share of the recovered agents that may be lost after failover, 0% to 100%; above it the master ends.',
    }),
    { alias: 'recovery_slave_removal_limit' },
  ),
});
