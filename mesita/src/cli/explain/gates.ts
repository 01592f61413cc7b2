import type { OfferGate } from '@mesita/sdk/module';

/** The gates an offer passes, in the order in which they are asked, as a heading for people. */
const GATES: Readonly<Record<OfferGate | 'MODULE_FILTER', string>> = {
  ALLOCATOR_PAUSED: 'the allocator makes no offers at the moment',
  FRAMEWORK_DEACTIVATED: 'the framework is deactivated',
  ROLE_NOT_SUBSCRIBED: 'the framework is not subscribed to the role',
  ROLE_SUPPRESSED: 'the framework asked for no offers (suppressed)',
  AGENT_DEACTIVATED: 'disconnected, drained or deactivated',
  AGENT_NOT_WHITELISTED: 'not in the whitelist',
  OFFER_CONSTRAINTS: "excluded by the framework's offer constraints",
  NOTHING_AVAILABLE: 'nothing available for this role',
  BELOW_MINIMUM: 'less left than the least an offer must hold',
  GPU_AGENT: 'kept for frameworks that can use GPUs',
  REMOTE_REGION: 'in another region',
  CAPABILITY: 'what is left needs capabilities the framework lacks',
  AGENT_NOT_MULTI_ROLE: 'too old for frameworks of several roles',
  AGENT_NOT_HIERARCHICAL_ROLE: 'too old for nested roles',
  QUOTA_LIMIT: 'the role is at its quota limit',
  QUOTA_HEADROOM: "held back for other roles' quota guarantees",
  OFFER_FILTER: 'refused by the framework a short while ago',
  MODULE_FILTER: "refused by a module's filter",
};

export const ORDER: readonly string[] = Object.keys(GATES);

export function titleOf(gate: string): string {
  return (GATES as Readonly<Record<string, string>>)[gate] ?? gate;
}
