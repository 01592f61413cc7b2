import type { Pid } from '@mesita/sdk/base';
import type { AgentConfig } from '../../agent/core/config.ts';
import { createAgentCore } from '../../agent/core/core.ts';
import type { AgentEffect } from '../../agent/core/effects.ts';
import type { AgentEvent } from '../../agent/core/events.ts';
import type { AgentState } from '../../agent/core/state.ts';
import { readMessage, sendMessage } from '../../agent/driver/messages.ts';
import { parsePid } from '../../wire/pid.ts';
import { createActor } from '../world/actor.ts';
import type { AgentDisk } from '../world/agent-disk.ts';
import type { Election } from '../world/election.ts';
import type { Machine } from '../world/machine.ts';
import { createPostOffice, type Letter } from '../world/post-office.ts';
import { logOf, type SimulatedWorld } from '../world/world.ts';
import { type AgentDoor, createAgentDoor } from './agent-door.ts';
import { createBuiltinHost } from './builtin-host.ts';
import { createContainerPerformers } from './container-performers.ts';
import { createLendingPerformers } from './lending.ts';

export interface AgentProcess {
  readonly name: string;
  readonly pid: Pid;
  readonly state: AgentState;
  readonly door: AgentDoor;
  receive(letter: Letter): void;
  kill(): void;
}

interface AgentOptions {
  readonly world: SimulatedWorld;
  readonly machine: Machine;
  readonly host: string;
  readonly disk: AgentDisk;
  readonly election: Election;
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
  const actor = createActor<AgentEvent, AgentEffect>({
    core,
    timeline: world.timeline,
    perform: (effect) => (performers[effect.type] as (effect: AgentEffect) => void)(effect),
    stepped: (event, effects) =>
      world.checks.updates.agentStepped(name, core.state, event, effects),
  });
  const { clock } = actor;
  const door = createAgentDoor(core.state, () => random.uuid(), post);
  const builtins = createBuiltinHost({ world, machine, disk, random, life: clock, post });
  const office = createPostOffice(world, host, (peer) => {
    const master = core.state.master?.pid;
    if (master !== undefined && parsePid(master)?.address === peer) {
      post({ type: 'MasterExited', pid: master });
    }
  });

  function post(event: AgentEvent): void {
    world.note(name, event.type);
    actor.post(event);
  }

  const performers: AgentPerformers = {
    send: ({ to, message }) => sendMessage(office, 'slave(1)', to, message),
    link: ({ to }) => office.link(to),
    detectMaster: ({ previous }) =>
      options.election.detect(clock, previous, (master) =>
        post({ type: 'MasterDetected', master }),
      ),
    checkpoint: ({ records, then }) => disk.write(clock, records, () => then && post(then)),
    ...createContainerPerformers({ machine, disk, random, clock, post }),
    ...createLendingPerformers({ world, machine, random, clock, post }),
    startBuiltinExecutor: (effect) => builtins.start(effect),
    finishBuiltinExecutor: ({ run, termination }) => builtins.finish(run, termination),
    sendExecutor: ({ run, connection, event }) => {
      world.checks.updates.executorTold(name, event);
      if (connection.kind === 'http') door.send(connection.stream, event);
      else builtins.send(run, event);
    },
    closeStream: ({ connection }) => {
      if (connection.kind === 'http') door.closeStream(connection.stream);
    },
    respond: ({ request, status }) => door.respond(request, status),
    openStream: ({ request, run, stream }) => door.openStream(request, run, stream),
    setTimer: () => {},
    cancelTimer: () => {},
    decorateUpdate: ({ then }) => post(then),
    executorRemoved: () => {},
    attachFiles: () => {},
    authenticate: () => {},
    scheduleGc: () => {},
    log: ({ level, text, fields }) => log[level](text, fields),
    exit: ({ status, error }) => options.onExit(status, error),
  };

  const recovered = disk.recover(options.rebooted);
  world.network.up(host);
  clock.setTimer(random.between(50, 400), () => post({ type: 'CheckpointsRead', recovered }));
  return {
    name,
    pid,
    state: core.state,
    door,
    receive(letter) {
      const event = readMessage(letter, log);
      if (event) post(event);
    },
    kill() {
      actor.kill();
      disk.crash();
      world.checks.updates.agentDied(name, disk.recover(false));
      world.network.down(host);
      door.close();
    },
  };
}
