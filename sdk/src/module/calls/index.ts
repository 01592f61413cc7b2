import type { KindName } from '../define-module.ts';
import { allocatorCalls } from './allocator.ts';
import {
  agentOrderCalls,
  allocatorSorterCalls,
  offerFilterCalls,
  quotaPolicyCalls,
} from './allocator-parts.ts';
import type { KindCalls } from './call.ts';
import { hookCalls } from './hook.ts';
import { isolatorCalls } from './isolator.ts';
import {
  anonymousCalls,
  authenticateeCalls,
  authenticatorCalls,
  authorizerCalls,
  containerLoggerCalls,
  diskProfileAdaptorCalls,
  httpAuthenticateeCalls,
  httpAuthenticatorCalls,
  masterContenderCalls,
  masterDetectorCalls,
  qosControllerCalls,
  resourceEstimatorCalls,
  secretGeneratorCalls,
  secretResolverCalls,
} from './others.ts';

export type { Call, FailurePolicy, KindCalls } from './call.ts';
export * from './codec.ts';
export { commonCalls, PROTOCOL_VERSION } from './common.ts';
export type { Shape } from './shape.ts';

/**
 * Every kind's calls, described once: what guards an instance, carries it into another home,
 * records it or publishes its protocol reads it here.
 */
export const calls: Readonly<Record<KindName, KindCalls>> = {
  AgentOrder: agentOrderCalls,
  Allocator: allocatorCalls,
  AllocatorSorter: allocatorSorterCalls,
  Anonymous: anonymousCalls,
  Authenticatee: authenticateeCalls,
  Authenticator: authenticatorCalls,
  Authorizer: authorizerCalls,
  ContainerLogger: containerLoggerCalls,
  DiskProfileAdaptor: diskProfileAdaptorCalls,
  Hook: hookCalls,
  HttpAuthenticatee: httpAuthenticateeCalls,
  HttpAuthenticator: httpAuthenticatorCalls,
  Isolator: isolatorCalls,
  MasterContender: masterContenderCalls,
  MasterDetector: masterDetectorCalls,
  OfferFilter: offerFilterCalls,
  QoSController: qosControllerCalls,
  QuotaPolicy: quotaPolicyCalls,
  ResourceEstimator: resourceEstimatorCalls,
  SecretGenerator: secretGeneratorCalls,
  SecretResolver: secretResolverCalls,
};
