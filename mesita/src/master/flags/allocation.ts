import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { double, int32, wordSet } from '../../flags/param-types.ts';
import { correctionSet } from './corrections.ts';

export const allocationFlags = group('Allocation', {
  allocation_interval: flag(
    param.duration({
      default: '1secs',
      help: 'Pause between batch allocations; also lower bound of offer filters.',
    }),
  ),
  allocation_event_delay: flag(
    param.duration({
      help: 'How soon what tasks free is offered again; unset, after 5ms; as long as allocation_interval or longer, with the next batch, as in Mesos.',
    }),
  ),
  min_allocatable_resources: flag(
    param.string({
      default: 'cpus:0.01|mem:32',
      help: 'Least an offer must hold to be worth sending: alternatives between bars.',
    }),
  ),
  offer_timeout: flag(
    param.duration({
      help: 'Rescind offers that nobody answered for this long; unset, never.',
    }),
  ),
  roles: flag(
    param.string({
      help: 'The only roles frameworks may use, besides * (deprecated).',
    }),
  ),
  weights: flag(
    param.string({
      help: 'Weights of roles, role=weight,role=weight (deprecated): only used while the registry holds none.',
    }),
  ),
  role_sorter: flag(
    param.string({
      default: 'drf',
      help: 'Ordering between roles: drf or random; must equal framework_sorter.',
    }),
    { alias: 'user_sorter' },
  ),
  framework_sorter: flag(
    param.string({
      default: 'drf',
      help: 'Ordering between frameworks of a role; must equal role_sorter.',
    }),
  ),
  fair_sharing_excluded_resource_names: flag(
    wordSet({ help: 'Resource names ignored in share computation.' }),
  ),
  filter_gpu_resources: flag(
    param.bool({ default: true, help: 'Offer GPU agents only to GPU_RESOURCES frameworks.' }),
  ),
  offer_constraints_re2_max_mem: flag(
    param.bytes({ default: '4KB', help: 'Memory bound per regex in offer constraints.' }),
  ),
  offer_constraints_re2_max_program_size: flag(
    int32({ default: 100, help: 'Program-size bound per regex.' }),
  ),
  allocator: flag(
    param.string({ default: 'hierarchical', help: 'Allocator: hierarchical, or a module.' }),
  ),
  allocator_parts: flag(
    wordSet({
      help: 'Modules of the kinds AllocatorSorter, OfferFilter, AgentOrder and QuotaPolicy that take part in the hierarchical allocator, by name.',
    }),
  ),
  allocator_corrections: flag(
    correctionSet({
      help: "Where to leave Mesos' way for a better one: inner_weights, nested_limits, fair_subtrees, idle_last, or all.",
    }),
  ),
  allocator_recovery_timeout: flag(
    param.duration({
      default: '10mins',
      help: 'After failover, with quota: longest wait for agents to come back.',
    }),
  ),
  allocator_agent_recovery_factor: flag(
    double({
      default: 0.8,
      help: 'After failover, with quota: share of the known agents that must be back before offers start again.',
    }),
  ),
  record_allocations: flag(
    param.string({
      help: "File that takes every call of the allocator and every run's outcome, a line of JSON each, for mesita simulate --trace; an existing one is replaced.",
    }),
  ),
});
