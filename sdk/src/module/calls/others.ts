// The kinds of a few methods each.
import type {
  Anonymous,
  Authenticatee,
  Authenticator,
  Authorizer,
  ContainerLogger,
  DiskProfileAdaptor,
  HttpAuthenticatee,
  HttpAuthenticator,
  MasterContender,
  MasterDetector,
  QoSController,
  ResourceEstimator,
  SecretGenerator,
  SecretResolver,
} from '../kinds/index.ts';
import { type Call, type KindCalls, notification, request, wait } from './call.ts';
import {
  boolean,
  bytes,
  list,
  message,
  nothing,
  number,
  object,
  optional,
  record,
  resources,
  type Shape,
  set,
  text,
  words,
} from './shape.ts';

const SECOND = 1000;
const credential = message('mesos.Credential');
const principal = object({ value: optional(text), claims: optional(record(text)) });
const scheme = { scheme: text };

/** Demands an entry for every method of the kind. */
function kind<Kind>(
  methods: Record<Exclude<keyof Kind, 'scheme' | 'mechanism'>, Call>,
  rest: Partial<KindCalls> = {},
): KindCalls {
  return { methods, callbacks: {}, properties: {}, ...rest };
}

export const anonymousCalls = kind<Anonymous>({ stop: request({}, nothing) });

/** `channel` names the conversation of one attempt with its peer. */
const channel = { channel: number };
const said = notification({ ...channel, message: bytes });
const channelCalls = { callbacks: { send: said }, properties: { mechanism: optional(text) } };
type Heard = Record<'message' | 'end', unknown>;
/** What the peer said; and that it says no more. */
const heard = { message: said, end: notification(channel) };

const peerDetails = { deadlineMs: 15 * SECOND, lends: 'channel', hasSignal: true } as const;

export const authenticatorCalls = kind<Authenticator & Heard>(
  {
    initialize: request({ credentials: optional(list(credential)) }, nothing),
    authenticate: request({ peer: text, ...channel }, optional(text), peerDetails),
    ...heard,
  },
  channelCalls,
);

export const authenticateeCalls = kind<Authenticatee & Heard>(
  {
    authenticate: request(
      { master: text, self: text, credential, ...channel },
      boolean,
      peerDetails,
    ),
    ...heard,
  },
  channelCalls,
);

export const httpAuthenticatorCalls = kind<HttpAuthenticator>(
  {
    authenticate: request(
      {
        request: object({
          method: text,
          path: text,
          headers: record(optional(text)),
          remoteAddress: text,
        }),
      },
      object({
        principal: optional(principal),
        unauthorized: optional(object({ challenges: list(text), body: optional(text) })),
        forbidden: optional(object({ body: optional(text) })),
      }),
    ),
  },
  { properties: scheme },
);

export const httpAuthenticateeCalls = kind<HttpAuthenticatee>(
  {
    authenticate: request(
      {
        request: object({
          method: text,
          path: text,
          headers: record(optional(text)),
          remoteAddress: text,
        }),
        credential: optional(credential),
      },
      record(text),
    ),
    reset: notification({}),
  },
  { properties: scheme },
);

const question = {
  subject: optional(principal),
  action: words(),
  object: optional(message('authorizer.Object')),
};

// Out of the daemon an approver is asked like `authorized`, object by object: see its stub.
export const authorizerCalls = kind<Authorizer>({
  authorized: request(question, boolean),
  approver: request(question, boolean, { gives: 'approver' }),
});

const stream = object({
  type: words('path', 'command'),
  path: optional(text),
  argv: optional(list(text)),
  env: optional(record(text)),
  asContainerUser: optional(boolean),
});

export const containerLoggerCalls = kind<ContainerLogger>({
  initialize: request({}, nothing),
  prepare: request(
    { id: message('mesos.ContainerID'), config: message('containerizer.ContainerConfig') },
    object({ stdout: stream, stderr: stream }),
    { deadlineMs: 30 * SECOND },
  ),
});

const provider = message('mesos.ResourceProviderInfo');

export const diskProfileAdaptorCalls = kind<DiskProfileAdaptor>({
  translate: request(
    { profile: text, provider },
    object({
      capability: object({
        accessMode: text,
        block: optional(boolean),
        mount: optional(object({ fsType: optional(text), flags: optional(list(text)) })),
      }),
      parameters: record(text),
    }),
    { deadlineMs: 30 * SECOND },
  ),
  watch: wait({ known: set(text), provider }, set(text), { hasSignal: true, onFailure: 'ignore' }),
});

const master = message('mesos.MasterInfo');
const candidacy: Record<'lost', Call> = {
  // Asked once `contend` was answered; the candidacy is the latest one.
  lost: wait({}, nothing),
};

export const masterContenderCalls = kind<MasterContender & Record<'lost', unknown>>({
  initialize: request({ self: master }, nothing),
  contend: request({}, nothing, { deadlineMs: 60 * SECOND, gives: 'candidacy' }),
  withdraw: request({}, nothing),
  ...candidacy,
});

export const masterDetectorCalls = kind<MasterDetector>({
  detect: wait({ previous: optional(master) }, optional(master), {
    ...{ hasSignal: true, onFailure: 'ignore' },
  }),
});

const usage: Pick<KindCalls, 'callbacks'> = {
  callbacks: { usage: request({}, message('mesos.ResourceUsage')) },
};
const startup = (): Call => request({}, nothing, { lends: 'usage' });

export const resourceEstimatorCalls = kind<ResourceEstimator>(
  {
    initialize: startup(),
    oversubscribable: request({}, resources, { deadlineMs: 15 * SECOND }),
  },
  usage,
);

export const qosControllerCalls = kind<QoSController>(
  {
    initialize: startup(),
    corrections: wait({}, list(message('containerizer.QoSCorrection')), { onFailure: 'ignore' }),
  },
  usage,
);

const secret: Shape = message('mesos.Secret');

export const secretResolverCalls = kind<SecretResolver>({
  resolve: request({ secret }, bytes, { deadlineMs: 15 * SECOND }),
});

export const secretGeneratorCalls = kind<SecretGenerator>({
  generate: request({ principal }, secret),
});
