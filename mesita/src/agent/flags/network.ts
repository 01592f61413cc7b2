import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { uint16 } from '../../flags/param-types.ts';

export const networkFlags = group('Networks', {
  check_agent_port_range_only: flag(
    param.bool({ default: false, help: "Only police ports inside the agent's own range." }),
    { build: 'enable-network-ports-isolator' },
  ),
  container_ports_isolated_range: flag(param.string({ help: 'Only police this port range.' }), {
    build: 'enable-network-ports-isolator',
  }),
  container_ports_watch_interval: flag(
    param.duration({ default: '30secs', help: 'How often listening ports are checked.' }),
    { build: 'enable-network-ports-isolator' },
  ),
  enforce_container_ports: flag(
    param.bool({ default: false, help: "Kill containers listening on ports they don't own." }),
    { build: 'enable-network-ports-isolator' },
  ),
  network_cni_config_dir: flag(param.string({ help: 'Directory of CNI network configs.' }), {
    supported: false,
  }),
  network_cni_metrics: flag(param.bool({ default: true, help: 'Publish CNI metrics.' }), {
    supported: false,
  }),
  network_cni_plugins_dir: flag(param.string({ help: 'Search path of CNI plugin binaries.' }), {
    supported: false,
  }),
  network_cni_root_dir_persist: flag(
    param.bool({ default: false, help: 'Keep CNI state over reboot.' }),
    { supported: false },
  ),
});

export const portMappingFlags = group('Port mapping', {
  egress_burst: flag(param.bytes({ help: 'Bytes sendable at the burst rate.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  egress_ceil_limit: flag(param.bytes({ help: 'Extra egress burst rate.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  egress_flow_classifier_parent: flag(
    param.string({ default: 'root', help: 'Parent qdisc of the flow classifier.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  egress_rate_limit_per_container: flag(param.bytes({ help: 'Egress limit in bytes/s.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  egress_rate_per_cpu: flag(param.string({ help: 'Egress limit per whole CPU, or auto.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  egress_unique_flow_per_container: flag(
    param.bool({ default: false, help: 'Own egress flow per container.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  ephemeral_ports_per_container: flag(
    uint16({ default: 1024, help: 'Ephemeral ports per container; power of two.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  eth0_name: flag(param.string({ help: 'Public interface.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  ingress_burst: flag(param.bytes({ help: 'Bytes receivable at the burst rate.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  ingress_ceil_limit: flag(param.bytes({ help: 'Extra ingress burst rate.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  ingress_isolate_existing_containers: flag(
    param.bool({ default: true, help: 'Apply ingress isolation to recovered containers.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  ingress_rate_limit_per_container: flag(param.bytes({ help: 'Ingress limit in bytes/s.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  ingress_rate_per_cpu: flag(param.string({ help: 'Ingress limit per whole CPU, or auto.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  lo_name: flag(param.string({ help: 'Loopback interface.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  maximum_egress_rate_limit: flag(
    param.bytes({ help: 'Upper bound of the scaled egress limit.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  maximum_ingress_rate_limit: flag(
    param.bytes({ help: 'Upper bound of the scaled ingress limit.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  minimum_egress_rate_limit: flag(
    param.bytes({ help: 'Lower bound of the scaled egress limit.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  minimum_ingress_rate_limit: flag(
    param.bytes({ help: 'Lower bound of the scaled ingress limit.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  network_enable_rate_statistics: flag(
    param.bool({ default: false, help: 'Collect rate percentiles.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  network_enable_snmp_statistics: flag(
    param.bool({ default: false, help: 'Collect SNMP counters.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  network_enable_socket_statistics_details: flag(
    param.bool({ default: false, help: 'Collect socket details.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  network_enable_socket_statistics_summary: flag(
    param.bool({ default: false, help: 'Collect socket summary.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  network_link_speed: flag(param.bytes({ help: 'Link speed for auto scaling.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
  network_rate_statistics_interval: flag(
    param.duration({ help: 'Sampling interval of rate statistics.' }),
    { supported: false, build: 'with-network-isolator' },
  ),
  network_rate_statistics_window: flag(param.duration({ help: 'Window of rate statistics.' }), {
    supported: false,
    build: 'with-network-isolator',
  }),
});
