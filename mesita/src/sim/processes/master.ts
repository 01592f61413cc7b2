import type { Logger, Random, StreamId } from '@mesita/sdk/base';
import type { MasterInfo, scheduler } from '@mesita/sdk/types';
import type { HierarchicalAllocator } from '../../allocator/hierarchical-allocator.ts';
import { defaultMasterConfig } from '../../master/core/config.ts';
import { createMasterCore } from '../../master/core/core.ts';
import type { MasterEffect } from '../../master/core/effects.ts';
import type { MasterEvent } from '../../master/core/events.ts';
import type { PeerMessage } from '../../master/core/messages.ts';
import type { MasterState } from '../../master/core/state.ts';
import { validateSchedulerCall } from '../../master/core/validation/scheduler-call.ts';
import { perform } from '../../master/driver/effects.ts';
import { readMessage } from '../../master/driver/inbox.ts';
import { createLeadership } from '../../master/driver/leadership.ts';
import { createLinks } from '../../master/driver/links.ts';
import { createRegistrar, type Registrar } from '../../master/registrar.ts';
import { parsePid } from '../../wire/pid.ts';
import { type Actor, createActor } from '../world/actor.ts';
import { type FaultPoint, pointNamed } from '../world/fault-points.ts';
import { type Clocks, createLife, type Life } from '../world/life.ts';
import { createPostOffice, type Letter } from '../world/post-office.ts';
import type { Sabotage } from '../world/sabotage.ts';
import { logOf, type SimulatedWorld } from '../world/world.ts';
import { guardRegistrar } from './guarded-registrar.ts';
import { createAllocator, masterInfo } from './master-parts.ts';
import { createSchedulerDoor, type SchedulerDoor } from './scheduler-door.ts';
import type { Seat } from './seat.ts';

export interface MasterProcess {
  readonly id: string;
  readonly host: string;
  readonly state: MasterState;
  readonly registrar: Registrar;
  readonly allocator: HierarchicalAllocator;
  readonly door: SchedulerDoor;
  readonly isFrozen: boolean;
  /** Undefined until it has read the registry. */
  readonly epoch: number | undefined;
  receive(letter: Letter): void;
  freeze(): void;
  thaw(): void;
  /** As SIGTERM. `kill` must follow. */
  stepDown(): void;
  kill(): void;
}

interface MasterOptions {
  readonly world: SimulatedWorld;
  readonly host: string;
  readonly clocks: Clocks;
  readonly seat: Seat;
  /** Counts the masters there were. */
  readonly generation: number;
  readonly onExit: (reason: string) => void;
}

type Performed = Exclude<MasterEffect, { readonly type: 'setTimer' | 'cancelTimer' }>;

/** With the patience of a storm, so that agents are given up and come back within it. */
const hasty = {
  agentPingTimeoutMs: 3000,
  maxAgentPingTimeouts: 3,
  agentReregisterTimeoutMs: 30_000,
  agentRemovalIntervalMs: 1000,
  offerTimeoutMs: 20_000,
} as const;

export function startMaster(options: MasterOptions): MasterProcess {
  const { world, host, generation, onExit } = options;
  const { network, faults } = world;
  const name = `master-${generation}`;
  const log = logOf(world, name);
  const random = world.random.fork(name);
  const exit = (reason: string) => life.enter(() => onExit(reason));
  const pass = (point: FaultPoint | undefined) => void faults.at(point, host);
  const life = createLife(world.timeline, options.clocks, () => {
    world.hasPromises = true;
  });
  const info = masterInfo(host, generation);
  const config = { ...defaultMasterConfig, ...(world.isHasty && hasty), info, random };
  const core = createMasterCore(config, life.now());
  const office = createPostOffice(world, host, (peer) => links.exited(peer));
  const observers: Observers = new Map();
  const links = createLinks(office, (pid) => post({ type: 'PeerExited', pid }));
  const allocator = createAllocator(world, name, life, random, post);
  const actor: Actor<MasterEvent> = createActor<MasterEvent, MasterEffect>({
    core,
    life,
    perform: (effect) => conduct.perform(effect as Performed),
    stepped: (event, effects) => world.checks.books.masterStepped(core.state, event, effects),
  });
  const door = openDoor(world, host, life, core.state, random, post);
  const { store, election } = options.seat.take({ host, life, random, log });
  const timeouts = { fetchMs: 60_000, storeMs: 20_000 };
  const registrar = guardRegistrar({
    registrar: createRegistrar({ store, timeouts, clock: life, log }),
    ...{ world, name, seat: options.seat, pass },
  });
  const leadership = createLeadership({ election, info, registrar, log, post, exit, clock: life });
  const { requests, streams } = door;
  const performers = {
    ...{ messenger: office, links, allocator, log, requests, streams, registrar },
    processes: processesIn(observers),
    onExit: exit,
  };

  const conduct = createConduct({
    ...{ world, host, life, info },
    admits: (id) => registrar.checkAdmitted(id),
    hasLapsed: () => leadership.hasLapsed(),
    perform: (effect) => perform(effect, post, performers),
    exit,
  });

  function post(event: MasterEvent): void {
    if (life.isOver || conduct.isStopping) return;
    world.note(name, event.type);
    if (event.type === 'LeaderDetected' && event.leader) {
      pass(event.leader.id === info.id ? 'election.detected.self' : 'election.detected.other');
    }
    actor.post(event);
  }

  network.up(host, life.enter);
  life.setTimer(random.between(1, 500), () => {
    pass('election.contend.before');
    life.enter(() => void leadership.start().catch((error: Error) => exit(error.message)));
  });
  return {
    id: info.id,
    host,
    state: core.state,
    registrar,
    allocator,
    door,
    get epoch() {
      return registrar.epoch;
    },
    get isFrozen() {
      return life.isFrozen;
    },
    receive: createInbox(observers, log, post),
    freeze: life.freeze,
    thaw: life.thaw,
    stepDown: () => life.enter(() => conduct.stop(leadership.end)),
    kill() {
      life.end();
      door.close();
      network.down(host);
    },
  };
}

function isHeldBack(sabotage: Sabotage | undefined, effect: Performed): boolean {
  if (sabotage === 'offer-unsent') return effect.type === 'publish' && !!effect.event.offers;
  if (sabotage !== 'resources-unreturned' || effect.type !== 'allocator') return false;
  return effect.call.method === 'recoverResources';
}

interface ConductOptions {
  readonly world: SimulatedWorld;
  readonly host: string;
  readonly life: Life;
  readonly info: MasterInfo;
  readonly hasLapsed: () => boolean;
  /** An agent is about to hear that it is admitted. */
  readonly admits: (id: string) => void;
  readonly perform: (effect: Performed) => void;
  readonly exit: (reason: string) => void;
}

/** Acts as the real driver does, with faults in between. */
function createConduct({ world, host, life, info, hasLapsed, ...options }: ConductOptions) {
  const { admits, perform, exit } = options;
  let isStopping = false;

  function act(effect: Performed): void {
    if (isStopping) return;
    if (world.sabotage !== 'term-endless' && hasLapsed()) {
      exit('Lost leadership: it was not renewed in time');
      return;
    }
    world.checks.leadership.acts(info, effect);
    if (effect.type === 'send') checkAdmission(effect.message);
    if (isHeldBack(world.sabotage, effect)) return;
    perform(effect);
  }

  function checkAdmission({ name, body }: PeerMessage): void {
    if (name === 'SlaveRegisteredMessage' || name === 'SlaveReregisteredMessage') {
      admits(body.agentId.value);
    }
  }

  return {
    get isStopping() {
      return isStopping;
    },
    stop(then: () => Promise<void>): void {
      isStopping = true;
      void then();
    },
    /** Stopped right before: what it was about to do waits with it. */
    perform(effect: Performed): void {
      world.faults.at(pointOf(effect), host);
      life.enter(() => act(effect));
    },
  };
}

function openDoor(
  world: SimulatedWorld,
  host: string,
  life: Life,
  state: MasterState,
  random: Random,
  post: (event: MasterEvent) => void,
): SchedulerDoor {
  return createSchedulerDoor(world, host, life, {
    state,
    call(requestId, call, stream) {
      const id = call.type === 'SUBSCRIBE' ? (random.uuid() as StreamId) : stream;
      post({ type: 'SchedulerCall', requestId, call, stream: id });
    },
    validate: (call: scheduler.Call) => validateSchedulerCall(call, undefined),
    streamClosed: (stream) => post({ type: 'StreamClosed', stream }),
  });
}

function pointOf(effect: Performed): FaultPoint | undefined {
  if (effect.type === 'send') return pointNamed(`master.send.${effect.message.name}`);
  if (effect.type === 'publish') return pointNamed(`master.publish.${effect.event.type}`);
  if (effect.type === 'allocator') return pointNamed(`master.allocator.${effect.call.method}`);
  if (effect.type === 'persist') return pointNamed(`registry.${effect.operation.type}.before`);
  return undefined;
}

function createInbox(observers: Observers, log: Logger, post: (event: MasterEvent) => void) {
  return (letter: Letter) => {
    const id = parsePid(letter.to)?.id ?? '';
    const event = id === 'master' ? readMessage(letter, log) : undefined;
    if (event) post(event);
    else observers.get(id)?.(letter);
  };
}

type Observers = Map<string, (letter: Letter) => void>;

function processesIn(observers: Observers) {
  return {
    add: ({ id, receive }: { id: string; receive?: (letter: Letter) => void }) =>
      void (receive && observers.set(id, receive)),
    remove: (id: string) => void observers.delete(id),
  };
}
