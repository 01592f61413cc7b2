import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { message, unsigned } from '../../flags/param-types.ts';
import * as mesos from '../../wire/schema/mesos.ts';

export const agentFlags = group('Agents', {
  agent_ping_timeout: flag(
    param.duration({
      default: '15secs',
      help: 'How long one ping waits for its answer, 1secs to 15mins.',
    }),
    {
      alias: 'slave_ping_timeout',
      check: (value) =>
        value < 1_000 || value > 900_000
          ? 'Expected `--agent_ping_timeout` to be between 1secs and 15mins'
          : undefined,
    },
  ),
  max_agent_ping_timeouts: flag(
    unsigned({ default: 5, help: 'Missed pings until an agent is unreachable, at least 1.' }),
    {
      alias: 'max_slave_ping_timeouts',
      check: (value) =>
        value < 1 ? 'Expected `--max_agent_ping_timeouts` to be at least 1' : undefined,
    },
  ),
  agent_reregister_timeout: flag(
    param.duration({
      default: '10mins',
      help: 'How long agents may take to come back after a failover or a broken connection, at least 10mins.',
    }),
    { alias: 'slave_reregister_timeout' },
  ),
  agent_removal_rate_limit: flag(
    param.string({
      help: 'Maximum rate of marking unhealthy agents unreachable, <count>/<duration>; bad form exits; unset = no limit.',
    }),
    { alias: 'slave_removal_rate_limit' },
  ),
  max_executors_per_agent: flag(
    unsigned({ help: 'Stop offering agents with this many executors.' }),
    { supported: false, alias: 'max_executors_per_slave', build: 'with-network-isolator' },
  ),
  domain: flag(
    message(mesos.DomainInfo, 'json', {
      help: "The master's fault domain (region, zone) JSON; must contain fault_domain; all masters same region.",
    }),
    {
      check: (value) =>
        value.faultDomain === undefined ? '`domain` must define `fault_domain`' : undefined,
    },
  ),
  require_agent_domain: flag(
    param.bool({ default: false, help: 'Refuse agents without a fault domain.' }),
  ),
  whitelist: flag(
    param.path({
      help: 'File of agent hostnames, one a line, that may be offered, read again every 5 s; unset, all.',
    }),
  ),
});
