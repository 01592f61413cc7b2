import type { Allocator } from '../kinds/index.ts';
import { type Call, type KindCalls, notification, request } from './call.ts';
import {
  boolean,
  limits,
  list,
  map,
  message,
  nothing,
  number,
  object,
  optional,
  partial,
  quantities,
  resources,
  result,
  type Shape,
  set,
  text,
  words,
} from './shape.ts';

const options = object({
  allocationIntervalMs: number,
  roleSorter: text,
  frameworkSorter: text,
  fairnessExcludedResourceNames: set(text),
  filterGpuResources: boolean,
  minAllocatable: list(quantities),
  domain: optional(message('mesos.DomainInfo')),
  recoveryTimeoutMs: number,
  agentRecoveryFactor: number,
  maxCompletedFrameworks: number,
  publishPerFrameworkMetrics: boolean,
  regexMaxMemoryBytes: number,
  regexMaxProgramSize: number,
  recoveredOfferDelayMs: optional(number),
});
const frameworkOptions = object({
  suppressedRoles: set(text),
  offerConstraints: optional(message('scheduler.OfferConstraints')),
});
const quota = object({ guarantees: quantities, limits });
const framework = message('mesos.FrameworkInfo');
const agent = message('mesos.AgentInfo');
const capabilities = list(message('mesos.AgentInfo_Capability'));
const unavailability = message('mesos.Unavailability');
const unavailable = object({ resources, unavailability });
const filters = optional(message('mesos.Filters'));
const inverseOfferStatus = object({
  status: words('UNKNOWN', 'ACCEPT', 'DECLINE'),
  framework: text,
  timestampMs: number,
});

// It explains in words for people; a module may leave out what it does not know.
const explanation = object({
  framework: text,
  roles: list(
    object({
      role: text,
      stopped: map(number),
      open: number,
      before: list(object({ framework: text, share: optional(number) })),
      share: optional(number),
      rolesBefore: optional(list(object({ role: text, share: optional(number) }))),
      roleShare: optional(number),
      agents: list(
        object({ agent: text, gate: optional(text), reason: text, remedy: optional(text) }),
      ),
    }),
  ),
  offers: list(
    object({
      agent: text,
      role: text,
      resources,
      timestampMs: number,
      outcome: words('OPEN', 'ACCEPTED', 'DECLINED', 'RETURNED'),
    }),
  ),
});

const ofFramework = { framework: text };
const ofAgent = { agent: text };
const roles: Shape = set(text);

const methods: Record<keyof Allocator, Call> = {
  initialize: notification({ options }, { lends: 'callbacks' }),
  recover: notification({ expectedAgents: number, quotas: map(quota) }),
  addFramework: notification({
    framework: text,
    info: framework,
    used: map(resources),
    active: boolean,
    options: frameworkOptions,
  }),
  removeFramework: notification(ofFramework),
  activateFramework: notification(ofFramework),
  deactivateFramework: notification(ofFramework),
  updateFramework: notification({ framework: text, info: framework, options: frameworkOptions }),
  addAgent: notification({
    agent: text,
    info: agent,
    capabilities,
    unavailability: optional(unavailability),
    total: resources,
    used: map(resources),
  }),
  removeAgent: notification(ofAgent),
  updateAgent: notification({
    agent: text,
    info: agent,
    total: optional(resources),
    capabilities: optional(capabilities),
  }),
  addResourceProvider: notification({ agent: text, total: resources, used: map(resources) }),
  activateAgent: notification(ofAgent),
  deactivateAgent: notification(ofAgent),
  updateWhitelist: notification({ hostnames: optional(set(text)) }),
  requestResources: notification({ framework: text, requests: list(partial('mesos.Request')) }),
  updateAllocation: notification({
    framework: text,
    agent: text,
    offered: resources,
    conversions: list(object({ consumed: resources, converted: resources })),
  }),
  updateAvailable: request(
    { agent: text, operations: list(message('mesos.Offer_Operation')) },
    result(nothing),
  ),
  updateUnavailability: notification({ agent: text, unavailability: optional(unavailability) }),
  updateInverseOffer: notification({
    agent: text,
    framework: text,
    resources: optional(unavailable),
    status: optional(inverseOfferStatus),
    filters,
  }),
  inverseOfferStatuses: request({}, map(map(inverseOfferStatus)), {
    onFailure: 'last-known-good',
  }),
  transitionOfferedToAllocated: notification({ agent: text, resources }),
  recoverResources: notification({
    framework: text,
    agent: text,
    resources,
    filters,
    isAllocated: boolean,
  }),
  suppressOffers: notification({ framework: text, roles }),
  reviveOffers: notification({ framework: text, roles }),
  updateQuota: notification({ role: text, quota }),
  updateWeights: notification({ weights: list(message('mesos.WeightInfo')) }),
  pause: notification({}),
  resume: notification({}),
  metrics: request({}, map(number), { onFailure: 'last-known-good', isImmediate: true }),
  explain: request(
    { framework: text, role: optional(text), agent: optional(text) },
    optional(explanation),
    { onFailure: 'ignore' },
  ),
};

export const allocatorCalls: KindCalls = {
  methods,
  callbacks: {
    offer: notification({ framework: text, resources: map(map(resources)) }),
    inverseOffer: notification({ framework: text, resources: map(unavailable) }),
  },
  properties: {},
};
