import type { Pid } from '@mesita/sdk/base';
import type { AgentConfig } from '../../agent/core/config.ts';
import { createAgentCore } from '../../agent/core/core.ts';
import type { AgentEffect, OutgoingMessage } from '../../agent/core/effects.ts';
import type { AgentEvent } from '../../agent/core/events.ts';
import type { AgentState, Master } from '../../agent/core/state.ts';
import { readMessage, sendMessage } from '../../agent/driver/messages.ts';
import type { Messenger } from '../../net/messenger.ts';
import { parsePid } from '../../wire/pid.ts';
import { isTerminal } from '../../wire/task-state.ts';
import { createActor } from '../world/actor.ts';
import type { AgentDisk } from '../world/agent-disk.ts';
import { pointNamed } from '../world/fault-points.ts';
import { type Clocks, createLife } from '../world/life.ts';
import type { Machine } from '../world/machine.ts';
import { createPostOffice, type Letter } from '../world/post-office.ts';
import type { Sabotage } from '../world/sabotage.ts';
import { logOf, type SimulatedWorld } from '../world/world.ts';
import { type AgentDoor, createAgentDoor } from './agent-door.ts';
import { createBuiltinHost } from './builtin-host.ts';
import { createContainerPerformers } from './container-performers.ts';
import { createLendingPerformers } from './lending.ts';
import type { Seat } from './seat.ts';

export interface AgentProcess {
  readonly name: string;
  readonly pid: Pid;
  readonly state: AgentState;
  readonly door: AgentDoor;
  receive(letter: Letter): void;
  freeze(): void;
  thaw(): void;
  kill(): void;
}

interface AgentOptions {
  readonly world: SimulatedWorld;
  readonly machine: Machine;
  readonly host: string;
  readonly disk: AgentDisk;
  readonly clocks: Clocks;
  readonly seat: Seat;
  readonly config: Omit<AgentConfig, 'random' | 'pid' | 'ip'>;
  readonly generation: number;
  readonly rebooted: boolean;
  readonly onExit: (status: number, error: string | undefined) => void;
}

export type AgentPerformers = {
  readonly [Type in AgentEffect['type']]: (effect: Extract<AgentEffect, { type: Type }>) => void;
};

export function startAgent(options: AgentOptions): AgentProcess {
  const { world, machine, host, disk, generation } = options;
  const { name } = machine;
  const random = world.random.fork(`${name}/${generation}`);
  const [ip = ''] = host.split(':');
  const pid = `slave(1)@${host}` as Pid;
  const core = createAgentCore({ ...options.config, pid, ip, random });
  const log = logOf(world, name);
  const life = createLife(world.timeline, options.clocks);
  const detector = options.seat.detector({ host, life, random, log });
  const actor = createActor<AgentEvent, AgentEffect>({
    core,
    life,
    perform: performOne,
    stepped: (event, effects) =>
      world.checks.updates.agentStepped(name, core.state, event, effects),
  });
  const door = createAgentDoor(core.state, () => random.uuid(), post);
  const builtins = createBuiltinHost({ world, machine, disk, random, host, life, post });
  const office = createPostOffice(world, host, (peer) => {
    const master = core.state.master?.pid;
    if (master !== undefined && parsePid(master)?.address === peer) {
      post({ type: 'MasterExited', pid: master });
    }
  });

  function post(event: AgentEvent): void {
    if (life.isOver) return;
    world.note(name, event.type);
    actor.post(event);
  }

  /** Stopped right before: what it was about to do waits with it. */
  function performOne(effect: AgentEffect): void {
    world.faults.at(pointOf(effect), host);
    life.enter(() => (performers[effect.type] as (effect: AgentEffect) => void)(effect));
  }

  let detection = new AbortController();
  function detectMaster(previous: Master | undefined): void {
    world.hasPromises = true;
    detection.abort();
    detection = new AbortController();
    const { signal } = detection;
    detector.detect(previous, signal).then(
      (master) => signal.aborted || post({ type: 'MasterDetected', master }),
      (error: Error) => signal.aborted || options.onExit(1, error.message),
    );
  }

  const performers: AgentPerformers = {
    send: ({ to, message }) => speak(world.sabotage, office, to, message, post),
    link: ({ to }) => office.link(to),
    detectMaster: ({ previous }) => detectMaster(previous),
    checkpoint: ({ records, then }) =>
      disk.write({ world, host, life }, records, () => then && post(then)),
    ...createContainerPerformers({ world, host, machine, disk, random, life, post }),
    ...createLendingPerformers({ world, machine, random, clock: life, post }),
    ...executorPerformers(world, name, door, builtins),
    ...ignored,
    decorateUpdate: ({ then }) => post(then),
    log: ({ level, text, fields }) => log[level](text, fields),
    exit: ({ status, error }) => options.onExit(status, error),
  };
  const recovered = disk.recover(options.rebooted);
  world.network.up(host, life.enter);
  life.setTimer(random.between(50, 400), () => post({ type: 'CheckpointsRead', recovered }));
  return {
    name,
    pid,
    state: core.state,
    door,
    receive(letter) {
      const event = readMessage(letter, log);
      if (event) post(event);
    },
    freeze: life.freeze,
    thaw: life.thaw,
    kill() {
      life.end();
      disk.crash();
      world.checks.updates.agentDied(name, disk.recover(false));
      world.network.down(host);
      door.close();
    },
  };
}

function executorPerformers(
  { checks }: SimulatedWorld,
  name: string,
  door: AgentDoor,
  builtins: ReturnType<typeof createBuiltinHost>,
) {
  return {
    startBuiltinExecutor: (effect) => builtins.start(effect),
    finishBuiltinExecutor: ({ run, termination }) => builtins.finish(run, termination),
    sendExecutor: ({ run, connection, event }) => {
      checks.updates.executorTold(name, event);
      if (connection.kind === 'http') door.send(connection.stream, event);
      else builtins.send(run, event);
    },
    closeStream: ({ connection }) => {
      if (connection.kind === 'http') door.closeStream(connection.stream);
    },
    respond: ({ request, status }) => door.respond(request, status),
    openStream: ({ request, run, stream }) => door.openStream(request, run, stream),
  } satisfies Partial<AgentPerformers>;
}

function speak(
  sabotage: Sabotage | undefined,
  office: Messenger,
  to: Pid,
  message: OutgoingMessage,
  post: (event: AgentEvent) => void,
): void {
  if (!isUnsent(sabotage, message)) sendMessage(office, 'slave(1)', to, message);
  inventAnswer(sabotage, to, message, post);
}

function isUnsent(sabotage: Sabotage | undefined, { name, body }: OutgoingMessage): boolean {
  if (sabotage !== 'update-unsent' || name !== 'StatusUpdateMessage') return false;
  return isTerminal(body.update.status.state);
}

function inventAnswer(
  sabotage: Sabotage | undefined,
  from: Pid,
  { name, body }: OutgoingMessage,
  post: (event: AgentEvent) => void,
): void {
  if (sabotage !== 'acknowledgement-invented' || name !== 'StatusUpdateMessage') return;
  const { agentId, frameworkId, status, uuid } = body.update;
  if (!agentId || !uuid) return;
  const message = { agentId, frameworkId, taskId: status.taskId, uuid };
  post({ type: 'StatusUpdateAcknowledgementMessage', from, message });
}

/** What this world does without, or the actor does itself. */
const ignored = {
  setTimer: () => {},
  cancelTimer: () => {},
  executorRemoved: () => {},
  attachFiles: () => {},
  authenticate: () => {},
  scheduleGc: () => {},
} satisfies Partial<AgentPerformers>;

function pointOf(effect: AgentEffect) {
  switch (effect.type) {
    case 'send':
      return pointNamed(`agent.send.${effect.message.name}`);
    case 'sendExecutor':
      return pointNamed(`agent.executor.${effect.event.type}`);
    case 'recoverContainers':
      return 'container.recover.before';
    case 'launchContainer':
      return 'container.launch.before';
    case 'destroyContainer':
      return 'container.destroy.before';
    case 'startBuiltinExecutor':
      return 'builtin.start.before';
    case 'finishBuiltinExecutor':
      return 'builtin.finish.before';
    default:
      return undefined;
  }
}
