import type { Logger, Pid, StreamId } from '@mesita/sdk/base';
import { ResourceQuantities } from '@mesita/sdk/resources';
import type { MasterInfo, scheduler } from '@mesita/sdk/types';
import { HierarchicalAllocator } from '../../allocator/hierarchical-allocator.ts';
import { defaultMasterConfig, type MasterConfig } from '../../master/core/config.ts';
import { createMasterCore } from '../../master/core/core.ts';
import type { MasterEffect } from '../../master/core/effects.ts';
import type { MasterEvent } from '../../master/core/events.ts';
import type { MasterState } from '../../master/core/state.ts';
import { validateSchedulerCall } from '../../master/core/validation/scheduler-call.ts';
import { perform } from '../../master/driver/effects.ts';
import { readMessage } from '../../master/driver/inbox.ts';
import { createLinks } from '../../master/driver/links.ts';
import { parsePid } from '../../wire/pid.ts';
import { type Actor, createActor } from '../world/actor.ts';
import { createPostOffice, type Letter } from '../world/post-office.ts';
import type { RegistryDisk } from '../world/registry-disk.ts';
import { logOf, type SimulatedWorld } from '../world/world.ts';
import { createSchedulerDoor, type SchedulerDoor } from './scheduler-door.ts';

export const masterHost = '10.0.0.1:5050';
export const masterPid = `master@${masterHost}` as Pid;

export interface MasterProcess {
  readonly state: MasterState;
  readonly allocator: HierarchicalAllocator;
  readonly door: SchedulerDoor;
  receive(letter: Letter): void;
  kill(): void;
}

interface MasterOptions {
  readonly world: SimulatedWorld;
  readonly disk: RegistryDisk;
  /** Counts the masters there were. */
  readonly generation: number;
  readonly onExit: (reason: string) => void;
}

export function startMaster({ world, disk, generation, onExit }: MasterOptions): MasterProcess {
  const { network, timeline } = world;
  const name = `master-${generation}`;
  const log = logOf(world, name);
  const random = world.random.fork(name);
  const config: MasterConfig = { ...defaultMasterConfig, info: masterInfo(generation), random };
  const core = createMasterCore(config, timeline.now());
  const office = createPostOffice(world, masterHost, (peer) => links.exited(peer));
  const links = createLinks(office, (pid) => post({ type: 'PeerExited', pid }));
  const observers: Observers = new Map();
  const actor: Actor<MasterEvent> = createActor<MasterEvent, MasterEffect>({
    core,
    timeline,
    perform: performOne,
    stepped: (event, effects) => world.checks.books.masterStepped(core.state, event, effects),
  });
  const allocator = new HierarchicalAllocator({
    clock: actor.clock,
    random,
    log: suspicious(world, name),
  });
  const door = createSchedulerDoor(world, actor.clock, {
    call(requestId, call, stream) {
      const id = call.type === 'SUBSCRIBE' ? (random.uuid() as StreamId) : stream;
      post({ type: 'SchedulerCall', requestId, call, stream: id });
    },
    validate: (call: scheduler.Call) => validateSchedulerCall(call, undefined),
    streamClosed: (stream) => post({ type: 'StreamClosed', stream }),
  });
  const performers = {
    messenger: office,
    links,
    allocator,
    log,
    requests: door.requests,
    streams: door.streams,
    // Its writes are the disk's.
    registrar: undefined as never,
    processes: processesIn(observers),
    onExit,
  };

  function post(event: MasterEvent): void {
    world.note(name, event.type);
    actor.post(event);
  }

  function performOne(effect: MasterEffect): void {
    if (effect.type === 'setTimer' || effect.type === 'cancelTimer') return;
    if (effect.type !== 'persist') {
      perform(effect, post, performers);
      return;
    }
    disk.apply(actor.clock, effect.operation, (mutated) =>
      post({ ...effect.then, mutated } as MasterEvent),
    );
  }

  network.up(masterHost);
  allocator.initialize(allocatorOptions, {
    offer: (frameworkId, resources) => post({ type: 'OffersMade', frameworkId, resources }),
    inverseOffer: (frameworkId, resources) =>
      post({ type: 'InverseOffersMade', frameworkId, resources }),
  });
  post({ type: 'LeaderDetected', leader: config.info });
  const registry = disk.recover();
  actor.clock.setTimer(random.between(1, 500), () => post({ type: 'RegistryRecovered', registry }));
  return {
    state: core.state,
    allocator,
    door,
    receive(letter) {
      const id = parsePid(letter.to)?.id ?? '';
      const event = id === 'master' ? readMessage(letter, log) : undefined;
      if (event) post(event);
      else observers.get(id)?.(letter);
    },
    kill() {
      actor.kill();
      door.close();
      network.down(masterHost);
    },
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

/** What the allocator is told must be about what it knows: all else is a bug of the master. */
function suspicious(world: SimulatedWorld, name: string): Logger {
  return {
    ...logOf(world, name),
    error: (text, fields) =>
      world.checks.fail(`the allocator says: ${text} ${JSON.stringify(fields)}`, [name]),
  };
}

function masterInfo(generation: number): MasterInfo {
  const [ip = '', port] = masterHost.split(':');
  return {
    id: `00000000-0000-4000-8000-${String(generation).padStart(12, '0')}`,
    ip: 0x0100000a,
    port: Number(port),
    pid: masterPid,
    hostname: 'master',
    version: '1.12.0',
    address: { hostname: 'master', ip, port: Number(port) },
    capabilities: [{ type: 'AGENT_UPDATE' }],
  };
}

const allocatorOptions = {
  allocationIntervalMs: 1000,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set<string>(),
  filterGpuResources: true,
  minAllocatable: [
    ResourceQuantities.fromScalars({ cpus: { value: 0.01 } }),
    ResourceQuantities.fromScalars({ mem: { value: 32 } }),
  ],
  recoveryTimeoutMs: 600_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 50,
  publishPerFrameworkMetrics: false,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};
