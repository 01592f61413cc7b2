import {
  formatResource,
  hasRefinedReservations,
  type Resources,
  reservationRole,
} from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo, Resource } from '@mesita/sdk/types';

/** Who asks, and of which agent. All resources are in the `post` format. */
export interface OperationContext {
  /** Whom the caller proved to be. */
  readonly principal?: string | undefined;
  /** Absent when an operator asks. */
  readonly framework?: FrameworkInfo | undefined;
  /** Of that framework. */
  readonly roles?: ReadonlySet<string> | undefined;
  readonly agentCapabilities: ReadonlySet<AgentInfo.Capability.Type>;
  /** Reservations and volumes the agent has now. */
  readonly checkpointed: Resources;
  /** What tasks and executors use or are about to, one entry per framework. */
  readonly used: Iterable<Resources>;
}

/** Old agents do not know every kind of reservation. */
export function validateAgentUnderstands(
  resource: Resource,
  { agentCapabilities }: OperationContext,
  what: string,
  verb: string,
): string | undefined {
  const role = reservationRole(resource);
  if (!agentCapabilities.has('HIERARCHICAL_ROLE') && role.includes('/')) {
    return `${what} ${formatResource(resource)} with reservation for hierarchical role '${role}' cannot be ${verb} on an agent without HIERARCHICAL_ROLE capability`;
  }
  if (!agentCapabilities.has('RESERVATION_REFINEMENT') && hasRefinedReservations(resource)) {
    return `${what} ${formatResource(resource)} with reservation refinement cannot be ${verb} on an agent without RESERVATION_REFINEMENT capability`;
  }
  return undefined;
}
