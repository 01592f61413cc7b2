import type { KindName } from '../module/index.ts';
import { allocatorSuite } from './allocator.ts';
import {
  agentOrderSuite,
  allocatorSorterSuite,
  offerFilterSuite,
  quotaPolicySuite,
} from './allocator-parts.ts';
import { anonymousSuite } from './anonymous.ts';
import { authenticateeSuite, authenticatorSuite } from './authentication.ts';
import { authorizerSuite } from './authorizer.ts';
import { containerLoggerSuite } from './container-logger.ts';
import { diskProfileAdaptorSuite } from './disk-profile-adaptor.ts';
import { masterContenderSuite, masterDetectorSuite } from './election.ts';
import { hookSuite } from './hook.ts';
import { httpAuthenticateeSuite, httpAuthenticatorSuite } from './http-authentication.ts';
import { isolatorSuite } from './isolator.ts';
import { qosControllerSuite, resourceEstimatorSuite } from './oversubscription.ts';
import { secretGeneratorSuite, secretResolverSuite } from './secrets.ts';
import type { Suite } from './suite.ts';

/** Every kind's contract. */
export const suites: { readonly [K in KindName]: Suite<K> } = {
  AgentOrder: agentOrderSuite,
  Allocator: allocatorSuite,
  AllocatorSorter: allocatorSorterSuite,
  Anonymous: anonymousSuite,
  Authenticatee: authenticateeSuite,
  Authenticator: authenticatorSuite,
  Authorizer: authorizerSuite,
  ContainerLogger: containerLoggerSuite,
  DiskProfileAdaptor: diskProfileAdaptorSuite,
  Hook: hookSuite,
  HttpAuthenticatee: httpAuthenticateeSuite,
  HttpAuthenticator: httpAuthenticatorSuite,
  Isolator: isolatorSuite,
  MasterContender: masterContenderSuite,
  MasterDetector: masterDetectorSuite,
  OfferFilter: offerFilterSuite,
  QoSController: qosControllerSuite,
  QuotaPolicy: quotaPolicySuite,
  ResourceEstimator: resourceEstimatorSuite,
  SecretGenerator: secretGeneratorSuite,
  SecretResolver: secretResolverSuite,
};
