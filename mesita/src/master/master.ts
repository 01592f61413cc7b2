import type { Clock, Logger, Random, StreamId } from '@mesita/sdk/base';
import type { Allocator, AllocatorCallbacks, AllocatorOptions } from '@mesita/sdk/module';
import { createDriver } from '../actor/driver.ts';
import type { Hooks } from '../hooks/hooks.ts';
import type { HttpProcess, HttpResponse } from '../net/http.ts';
import { JSON_TYPE } from '../net/media-types.ts';
import type { Messenger } from '../net/messenger.ts';
import type { Metrics } from '../net/metrics.ts';
import { failure } from '../net/responses.ts';
import type { Storage } from '../storage/storage.ts';
import type { Approvers } from './core/approvers.ts';
import type { MasterConfig } from './core/config.ts';
import { createMasterCore } from './core/core.ts';
import type { MasterEffect, RequestId } from './core/effects.ts';
import type { MasterEvent } from './core/events.ts';
import { masterMetrics } from './core/metrics.ts';
import type { WholeRegistry } from './core/registry/whole.ts';
import type { MasterState } from './core/state.ts';
import { createAcceptHooks } from './driver/accept-hooks.ts';
import { type AuthenticationOptions, createAuthentication } from './driver/authentication.ts';
import { perform } from './driver/effects.ts';
import { createForesight } from './driver/foresight.ts';
import { createHearing } from './driver/hearing.ts';
import { createLeadership } from './driver/leadership.ts';
import { createLinks } from './driver/links.ts';
import { createOperatorStream } from './driver/operator-stream.ts';
import { createRequests, type Requests } from './driver/requests.ts';
import { createRunTaskHooks } from './driver/run-task-hooks.ts';
import { createSchedulerStreams } from './driver/streams.ts';
import { createStandaloneElection, type Election } from './election.ts';
import type { MasterCalls } from './http/surface.ts';
import { createRegistrar, type RegistryTimeouts } from './registrar.ts';

interface MasterOptions {
  readonly config: MasterConfig;
  readonly allocator: Allocator;
  readonly allocatorOptions: AllocatorOptions;
  /** Absent: it leads at once, alone. */
  readonly election?: Election | undefined;
  readonly store: Storage;
  readonly registryTimeouts: RegistryTimeouts;
  /** Made with `onExited: (address) => master.peerExited(address)`. */
  readonly messenger: Messenger;
  /** Where observers' processes come and go. */
  readonly processes: { add(process: HttpProcess): void; remove(id: string): void };
  /** Absent: nobody hooks into anything. */
  readonly hooks?: Hooks | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Gets the master's numbers as a source. */
  readonly metrics?: Pick<Metrics, 'source' | 'gauge' | 'timer'> | undefined;
  /** Absent: everything is allowed. */
  readonly authorize?: ((principal: string | undefined) => Promise<Approvers>) | undefined;
  /** Of agents and scheduler drivers. Absent: none can authenticate. */
  readonly authenticator?: AuthenticationOptions['authenticator'];
  /** Default 15 seconds. */
  readonly authenticationTimeoutMs?: number | undefined;
  /** Of the operators' event stream. */
  readonly maxSubscribers: number;
  /** This master must end, and another one take over. Called at most once. */
  readonly onExit: (reason: string) => void;
}

export interface Master extends MasterCalls {
  readonly state: MasterState;
  /** The core's and the allocator's numbers, by the names of `/metrics/snapshot`. */
  metrics(): ReadonlyMap<string, number>;
  post(event: MasterEvent): void;
  /** As it was last written. */
  readonly registry: WholeRegistry;
  /** A libprocess message to the process `master`. */
  receive: NonNullable<HttpProcess['receive']>;
  peerExited(address: string): void;
  /** See `Leadership.start`. */
  start(): Promise<void>;
  /** Ends streams and timers, then lets another one lead. What was acknowledged is durable. */
  stop(): Promise<void>;
}

/** A master's core in the world: its mailbox, allocator, registry, peers and clients. */
export function createMaster(options: MasterOptions): Master {
  const { allocator, clock, log, hooks } = options;
  const config: MasterConfig = { ...options.config, hookedAt: hooks?.moments };
  const core = createMasterCore(config, clock.now());
  const registrar = createRegistrar({ ...options, timeouts: options.registryTimeouts });
  const requests = createRequests();
  const streams = createSchedulerStreams((stream) => post({ type: 'StreamClosed', stream }));
  const operators = createOperatorStream({ ...options, state: core.state, random: config.random });
  const links = createLinks(options.messenger, (pid) => post({ type: 'PeerExited', pid }));
  let isExiting = false;

  function exit(reason: string): void {
    if (isExiting) return;
    isExiting = true;
    driver.stop();
    options.onExit(reason);
  }

  const leadership = createLeadership({
    ...{ election: options.election ?? createStandaloneElection(), info: config.info },
    ...{ registrar, log, clock, post, exit },
  });
  const outlets = { links, registrar, requests, streams, onOperatorEvent: operators.tell };
  const performers = { ...options, ...outlets, onExit: exit };
  const driver = createDriver<MasterEvent, MasterEffect>({
    core,
    clock,
    log,
    perform(effect, postOutcome) {
      // A process that was stopped for a while wakes up believing that it leads.
      if (leadership.hasLapsed()) exit('Lost leadership: it was not renewed in time');
      else if (effect.type === 'send') send(effect);
      else perform(effect, postOutcome, performers);
    },
    onCrash: (error, { type }) => {
      log.error('master core failed', { event: type, error });
      exit(`the core failed at ${type}`);
    },
  });

  const { state } = core;
  const send = createRunTaskHooks({
    hooks,
    state,
    log,
    send: (effect) => perform(effect, post, performers),
  });
  const accept = createCallGate({ hooks, state, log, post });

  function post(event: MasterEvent): void {
    driver.post(event);
  }

  const authentication = createAuthentication(options);
  const metrics = (): ReadonlyMap<string, number> =>
    new Map([
      ...masterMetrics(core.state, clock.now(), config.publishPerFrameworkMetrics),
      ...(allocator.metrics?.() ?? []),
      ...driverMetrics(registrar.queued, driver.queued, authentication.attempts),
      ['master/operator_event_stream_subscribers', operators.subscribers] as const,
    ]);
  options.metrics?.source(metrics);

  return {
    state,
    post,
    metrics,
    ...createCalls(requests, config.random, accept),
    subscribe: operators.subscribe,
    get registry() {
      return registrar.registry;
    },
    receive: createHearing(authentication, accept, log),
    peerExited(address) {
      authentication.exited(address);
      links.exited(address);
    },
    async start() {
      allocator.initialize(options.allocatorOptions, offersTo(post));
      await leadership.start();
    },
    async stop() {
      driver.stop();
      streams.closeAll();
      operators.close();
      options.messenger.close();
      await registrar.close();
      await leadership.end();
    },
  };
}

/** What a call goes through before the core sees it. */
function createCallGate(
  parts: Parameters<typeof createAcceptHooks>[0],
): (event: MasterEvent) => void {
  return createAcceptHooks({ ...parts, post: createForesight(parts) });
}

function offersTo(post: (event: MasterEvent) => void): AllocatorCallbacks {
  return {
    offer: (frameworkId, resources) => post({ type: 'OffersMade', frameworkId, resources }),
    inverseOffer: (frameworkId, resources) =>
      post({ type: 'InverseOffersMade', frameworkId, resources }),
  };
}

function driverMetrics(
  operations: number,
  events: number,
  authentications: number,
): readonly (readonly [string, number])[] {
  return [
    ['registrar/queued_operations', operations],
    ['master/event_queue_dispatches', events],
    ['master/messages_authenticate', authentications],
    // The allocator is called in line: nothing waits for it.
    ['allocator/event_queue_dispatches', 0],
    ['allocator/mesos/event_queue_dispatches', 0],
  ];
}

/** Requests over HTTP become events; the core answers each of them once. */
function createCalls(
  requests: Requests,
  random: Random,
  post: (event: MasterEvent) => void,
): Omit<MasterCalls, 'subscribe'> {
  /** What an operator asks for happens also when nobody waits for the answer any more. */
  function operate(toEvent: (requestId: RequestId) => MasterEvent): Promise<HttpResponse> {
    const request = { signal: new AbortController().signal };
    return requests.open(JSON_TYPE, request, (requestId) => post(toEvent(requestId)));
  }

  return {
    schedule({ call, stream, accept }, request) {
      const isSubscribing = call.type === 'SUBSCRIBE';
      if (isSubscribing && stream !== undefined) {
        const reason = "Subscribe calls should not include the 'Mesos-Stream-Id' header";
        return Promise.resolve(failure(400, reason));
      }
      const { principal } = request;
      const id = isSubscribing ? (random.uuid() as StreamId) : stream;
      return requests.open(accept, request, (requestId) =>
        post({ type: 'SchedulerCall', requestId, call, principal, stream: id }),
      );
    },
    teardown: (frameworkId) =>
      operate((requestId) => ({ type: 'TeardownFramework', requestId, frameworkId })),
    updateWeights: (weights) =>
      operate((requestId) => ({ type: 'UpdateWeights', requestId, weights })),
    updateQuota: (configs, force) =>
      operate((requestId) => ({ type: 'UpdateQuota', requestId, configs, force })),
    changeResources: (agentId, operation, principal) =>
      operate((requestId) => ({
        type: 'ChangeResources',
        requestId,
        agentId,
        operation,
        principal,
      })),
    changeAgent: (agentId, change) =>
      operate((requestId) => ({ type: 'ChangeAgent', requestId, agentId, change })),
    changeMaintenance: (change) =>
      operate((requestId) => ({ type: 'ChangeMaintenance', requestId, change })),
    setQuota: (request) => operate((requestId) => ({ type: 'SetQuota', requestId, request })),
  };
}
