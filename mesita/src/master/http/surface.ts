import type { AgentId, FrameworkId, Instant, StreamId } from '@mesita/sdk/base';
import type { Allocator, FrameworkExplanation } from '@mesita/sdk/module';
import type { Offer, scheduler, WeightInfo } from '@mesita/sdk/types';
import type { QuotaConfig, QuotaRequest } from '@mesita/sdk/types/quota';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import type { MessageType } from '../../net/media-types.ts';
import type { DaemonSurface } from '../../net/operator-calls.ts';
import type { View } from '../../net/view.ts';
import type { ChangeAgent, MaintenanceChange } from '../core/events.ts';
import type { MasterState } from '../core/state.ts';

/** What clients may ask of the master. Each is answered once, and never rejects. */
export interface MasterCalls {
  /** The operators' event stream, of what the client may see. */
  subscribe(view: View, accept: MessageType, signal: AbortSignal): HttpResponse;
  /** A validated call. Its answer may be a stream, in `accept`'s media type. */
  schedule(call: ScheduledCall, request: HttpRequest): Promise<HttpResponse>;
  teardown(frameworkId: FrameworkId): Promise<HttpResponse>;
  updateWeights(weights: readonly WeightInfo[]): Promise<HttpResponse>;
  updateQuota(configs: readonly QuotaConfig[], force: boolean): Promise<HttpResponse>;
  setQuota(request: QuotaRequest): Promise<HttpResponse>;
  /** A reservation or a volume, made or taken back by an operator. */
  changeResources(
    agentId: AgentId,
    operation: Offer.Operation,
    principal: string | undefined,
  ): Promise<HttpResponse>;
  changeMaintenance(change: MaintenanceChange): Promise<HttpResponse>;
  /** Drained, deactivated, reactivated or gone, by the word of an operator. */
  changeAgent(agentId: AgentId, change: ChangeAgent['change']): Promise<HttpResponse>;
}

/** Everything that the master's endpoints see and may ask for. */
export interface MasterSurface extends DaemonSurface, MasterCalls {
  readonly state: MasterState;
  now(): Instant;
  /** The allocator's: what frameworks answered to inverse offers. */
  inverseOfferStatuses(): ReturnType<Allocator['inverseOfferStatuses']>;
  /** The allocator's; absent when it has none. Undefined: it does not know the framework. */
  readonly explain?:
    | ((
        framework: FrameworkId,
        role?: string,
        agent?: AgentId,
      ) => FrameworkExplanation | undefined | Promise<FrameworkExplanation | undefined>)
    | undefined;
}

interface ScheduledCall {
  readonly call: scheduler.Call;
  /** Value of `Mesos-Stream-Id`. */
  readonly stream: StreamId | undefined;
  readonly accept: MessageType;
}
